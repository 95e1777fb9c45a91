/** Records, summed to the places around their destinations. Only published counts are summed. */

/** @import { Column, Flows, Model } from "./types.ts" */

/**
 * A destination that lies in no place of the level, because it is coarser itself or not known,
 * stays what it is.
 * @param {Model} model
 * @param {Flows} flows
 * @param {string} level
 * @returns {Flows}
 */
export function rolledUp(model, flows, level) {
  const { nodes } = model;
  const above = nodes.parents[level];
  /** @typedef {{ first: number, to: number, count: number, km: number, weight: number, low: number, high: number, figures: number }} Group */
  /** @type {Map<string | number, Group>} */
  const place = new Map();
  const keys = [flows.measure, flows.start, flows.end, flows.pane, ...flows.tags];
  /* all codes of a row as one number, where that holds them: the quickest thing to look up */
  const most = keys.reduce((n, column) => n * column.texts.length, nodes.n * nodes.n);
  const keyOf =
    most < 2 ** 53
      ? (/** @type {number} */ i, /** @type {number} */ to) =>
          keys.reduce(
            (n, column) => n * column.texts.length + column.codes[i],
            flows.origin[i] * nodes.n + to,
          )
      : (/** @type {number} */ i, /** @type {number} */ to) =>
          [flows.origin[i], to, ...keys.map((column) => column.codes[i])].join(" ");
  for (let i = 0; i < flows.n; i++) {
    const to = above[flows.destination[i]] || flows.destination[i];
    const key = keyOf(i, to);
    let group = place.get(key);
    if (!group) {
      group = {
        first: i,
        to,
        count: 0,
        km: 0,
        weight: 0,
        low: Infinity,
        high: -Infinity,
        figures: 0,
      };
      place.set(key, group);
    }
    const weight = flows.count[i] || 0;
    group.count += weight;
    group.figures++;
    if (to && !Number.isNaN(flows.km[i])) {
      group.km += weight * flows.km[i];
      group.weight += weight;
      group.low = Math.min(group.low, flows.low[i]);
      group.high = Math.max(group.high, flows.high[i]);
    }
  }
  const groups = [...place.values()].sort((a, b) => b.count - a.count || a.first - b.first);
  /**
   * @param {Column} column
   * @returns {Column}
   */
  const pick = (column) => {
    const codes = Uint32Array.from(groups, (group) => column.codes[group.first]);
    return { texts: column.texts, codes, at: (i) => column.texts[codes[i]] };
  };
  const km = Float64Array.from(groups, (g) => (g.weight ? g.km / g.weight : NaN));
  /** @type {Column} */
  const nothing = { codes: new Uint32Array(groups.length), texts: [null], at: () => null };
  return {
    n: groups.length,
    kind: new Uint8Array(groups.length),
    id: (i) => (groups[i].figures === 1 ? flows.id(groups[i].first) : `${level} ${i + 1}`),
    origin: Uint32Array.from(groups, (g) => flows.origin[g.first]),
    destination: Uint32Array.from(groups, (g) => g.to),
    count: Float64Array.from(groups, (g) => g.count),
    figures: Uint32Array.from(groups, (g) => g.figures),
    km,
    low: Float64Array.from(groups, (g) => (g.weight ? g.low : NaN)),
    high: Float64Array.from(groups, (g) => (g.weight ? g.high : NaN)),
    band: Int8Array.from(km, (value) =>
      Number.isNaN(value) ? -1 : model.style.bandEdges.filter((edge) => value > edge).length,
    ),
    measure: pick(flows.measure),
    start: pick(flows.start),
    end: pick(flows.end),
    pane: pick(flows.pane),
    external: nothing,
    qualifier: nothing,
    source: nothing,
    published: nothing,
    url: nothing,
    note: nothing,
    tags: flows.tags.map((tag) => ({ ...pick(tag), name: tag.name })),
  };
}
