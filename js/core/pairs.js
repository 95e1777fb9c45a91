/** From flows to what is drawn: one line a pair, and beside each other what may not be added. */

/** @import { Chosen, Curves, Flows, Model, Pairs, Periods, Strands, Sum } from "./types.ts" */

import { isWide } from "./decode.js";
import { add, nothing } from "./sums.js";

/**
 * The pairs of flows. A place and the rest of it are one end; in the picture "to", so are all
 * origins of records.
 * @param {Model} model
 * @param {Flows} flows
 * @param {Chosen["picture"]} picture
 * @returns {Pairs}
 */
export function pairsOf(model, flows, picture) {
  const { nodes } = model;
  const hub = picture === "to" && !model.statements ? model.hub : 0;
  const found = new Map();
  const of = new Uint32Array(flows.n);
  const origin = [];
  const destination = [];
  const pane = [];
  for (let i = 0; i < flows.n; i++) {
    const a = hub || nodes.same[flows.origin[i]];
    const b = nodes.same[flows.destination[i]];
    const key = (a * nodes.n + b) * 64 + flows.pane.codes[i];
    let pair = found.get(key);
    if (pair === undefined) {
      pair = origin.length;
      found.set(key, pair);
      origin.push(a);
      destination.push(b);
      pane.push(flows.pane.codes[i]);
    }
    of[i] = pair;
  }
  return {
    n: origin.length,
    origin: Uint32Array.from(origin),
    destination: Uint32Array.from(destination),
    pane: Uint32Array.from(pane),
    of,
  };
}

/**
 * How a pair is drawn: 0 not at all, 1 as a curve, 2 as a ring at its place, 3 as an area. Records
 * that were rolled up to a region or nation have no point to go to, and those that come from
 * one that is pooled over a nation have none to come from.
 * @param {Model} model
 * @param {number} origin
 * @param {number} destination
 */
export function pairKind(model, origin, destination) {
  const { nodes } = model;
  const { x, y } = nodes;
  if (!(x[origin] * x[destination] > 0)) return 0;
  if (!model.statements && (isWide(nodes, destination) || nodes.level[origin] === "nation"))
    return 3;
  return Math.hypot(x[destination] - x[origin], y[destination] - y[origin]) < 1e-6 ? 2 : 1;
}

/**
 * What is drawn of the rows that pass, largest first: of records the sum of each pair and measure,
 * of statements each on its own.
 * @param {Model} model
 * @param {Flows} flows
 * @param {Pairs} pairs
 * @param {Curves} curves
 * @param {(i: number) => boolean} passes
 * @returns {Strands}
 */
export function strandsOf(model, flows, pairs, curves, passes) {
  const measures = flows.measure.texts.length;
  /** @typedef {{ pair: number, measure: number, count: number, figures: number, kind: number, first: number, km: number, weight: number }} Strand */
  /** @type {Map<number, Strand>} */
  const found = new Map();
  for (let i = 0; i < flows.n; i++) {
    const pair = pairs.of[i];
    if (!passes(i) || curves.kind[pair] === 0 || curves.kind[pair] === 3) continue;
    const measure = flows.measure.codes[i];
    const key = model.statements ? i : pair * measures + measure;
    let one = found.get(key);
    if (!one) {
      one = { pair, measure, count: NaN, figures: 0, kind: 2, first: i, km: 0, weight: 0 };
      found.set(key, one);
    }
    one.kind = Math.min(one.kind, flows.kind[i]);
    if (Number.isNaN(flows.count[i])) continue;
    one.count = (one.count || 0) + flows.count[i];
    one.figures += flows.figures[i];
    if (!Number.isNaN(flows.km[i])) {
      one.km += flows.km[i] * flows.count[i];
      one.weight += flows.count[i];
    }
  }
  const list = [...found.values()].sort(
    (a, b) => a.kind - b.kind || (b.count || 0) - (a.count || 0) || a.first - b.first,
  );
  const n = list.length;
  const turn = new Uint32Array(n);
  const of = new Uint32Array(n);
  const strands = new Map();
  list.forEach((one, s) => {
    turn[s] = strands.get(one.pair) || 0;
    strands.set(one.pair, turn[s] + 1);
  });
  list.forEach((one, s) => {
    of[s] = strands.get(one.pair);
  });
  return {
    n,
    pair: Uint32Array.from(list, (one) => one.pair),
    measure: Uint32Array.from(list, (one) => one.measure),
    count: Float64Array.from(list, (one) => one.count),
    figures: Uint32Array.from(list, (one) => one.figures),
    kind: Uint8Array.from(list, (one) => one.kind),
    band: Int8Array.from(list, (one) => bandOf(model, flows, one)),
    first: Uint32Array.from(list, (one) => one.first),
    turn,
    of,
    change: new Float64Array(n).fill(NaN),
  };
}

/**
 * @param {Model} model
 * @param {Flows} flows
 * @param {{ first: number, figures: number, km: number, weight: number }} one
 */
function bandOf(model, flows, one) {
  if (one.figures <= 1) return flows.band[one.first];
  if (!one.weight) return -1;
  const km = one.km / one.weight;
  return model.style.bandEdges.filter((edge) => km > edge).length;
}

/**
 * For each strand its figures in a window of months less those in the window of equal length
 * before it. NaN where one of the two shows nothing: that is not zero. `unsure` is 1 where the
 * rounding of the figures leaves it open whether there is a change at all.
 * @param {Model} model
 * @param {Flows} flows
 * @param {Pairs} pairs
 * @param {Strands} strands
 * @param {NonNullable<Periods>} time
 * @param {Uint8Array} passes rows that pass all but the window
 * @param {{ from: number, to: number }} window
 */
export function changeOf(model, flows, pairs, strands, time, passes, { from, to }) {
  const length = to - from + 1;
  const measures = flows.measure.texts.length;
  const place = new Map();
  for (let s = 0; s < strands.n; s++) place.set(strands.pair[s] * measures + strands.measure[s], s);
  const now = Array.from({ length: strands.n }, nothing);
  const before = Array.from({ length: strands.n }, nothing);
  for (let i = 0; i < flows.n; i++) {
    const s = place.get(pairs.of[i] * measures + flows.measure.codes[i]);
    if (s === undefined || !passes[i] || Number.isNaN(flows.count[i])) continue;
    const inside = (/** @type {number} */ a, /** @type {number} */ b) =>
      time.first[i] >= a && time.last[i] <= b;
    if (inside(from, to)) add(model, flows, now[s], i);
    else if (inside(from - length, from - 1)) add(model, flows, before[s], i);
  }
  const shown = (/** @type {Sum[]} */ sums) =>
    Float64Array.from(sums, (sum) => (sum.figures ? sum.n : NaN));
  const [after, earlier] = [shown(now), shown(before)];
  return {
    now: after,
    before: earlier,
    change: after.map((value, s) => value - earlier[s]),
    unsure: Uint8Array.from(now, (sum, s) =>
      sum.low <= before[s].high && sum.high >= before[s].low ? 1 : 0,
    ),
  };
}
