/** What lets flows through: kinds that a reader can switch, a minimum, a window of months. */

/** @import { Chosen, Facet, Flows, Model, Periods } from "./types.ts" */

import * as words from "./words.js";

const MOST = 1000; // a column with more values than this is no kind to switch

/**
 * One way of sorting flows into kinds that a reader can switch on and off.
 * @param {string} key
 * @param {string} title
 * @param {ArrayLike<number>} codes
 * @param {string[]} labels
 * @param {string[]} [names]
 * @returns {Facet}
 */
function facet(key, title, codes, labels, names = labels) {
  const n = new Uint32Array(labels.length);
  for (let i = 0; i < codes.length; i++) n[codes[i]]++;
  const present = labels.map((_, code) => code).filter((code) => n[code] > 0);
  if (key === "origin") {
    present.sort((a, b) => (labels[a] < labels[b] ? -1 : labels[a] > labels[b] ? 1 : 0));
  }
  return { key, title, codes, labels, names, n, present, off: new Set() };
}

/**
 * @param {ArrayLike<number>} values
 * @param {(value: number) => number} act
 */
function recoded(values, act) {
  const out = new Uint8Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = act(values[i]);
  return out;
}

/** What the rows without a count say of it. @param {Flows} flows */
export function uncounted(flows) {
  const said = new Set();
  for (let i = 0; i < flows.n; i++) if (flows.kind[i] === 1) said.add(flows.qualifier.at(i));
  return said;
}

/**
 * @param {Model} model
 * @param {Flows} flows
 */
export function facets(model, flows) {
  const { nodes } = model;
  const levels = [null, ...new Set(nodes.level.slice(1).filter((one) => one !== null))];
  const levelCode = nodes.level.map((level) => Math.max(0, levels.indexOf(level)));
  const { facets: said } = words.TEXT;
  const crossing = flows.external.texts.map((text) => (text === "yes" ? 1 : text === "no" ? 2 : 0));
  const names = nodes.name.map(words.name);
  const all = [
    facet(
      "origin",
      said.origin,
      flows.origin,
      names,
      nodes.id.map((id, node) => id || names[node]),
    ),
    facet("measure", said.measure, flows.measure.codes, flows.measure.texts.map(words.name)),
    facet("kind", said.kind, flows.kind, words.kinds(uncounted(flows))),
    facet(
      "band",
      said.band,
      recoded(flows.band, (band) => band + 1),
      [words.TEXT.noDistance, ...model.style.bandLabels],
    ),
    facet(
      "level",
      said.level,
      recoded(flows.destination, (node) => levelCode[node]),
      levels.map((level) => (level === null ? words.TEXT.noPlace : words.level(level))),
    ),
    facet(
      "external",
      said.external,
      recoded(flows.external.codes, (code) => crossing[code]),
      said.crossing,
    ),
    ...flows.tags.map((tag, i) => facet(`tag${i}`, tag.name, tag.codes, tag.texts.map(words.name))),
  ];
  return all.filter(
    (one) => one.key === "origin" || (one.present.length > 1 && one.present.length <= MOST),
  );
}

/** @param {string | null} text "YYYY-MM" */
export function monthNumber(text) {
  const found = /^(\d{4})-(\d{2})$/.exec(text || "");
  return found ? Number(found[1]) * 12 + Number(found[2]) - 1 : NaN;
}

/** @param {number} value */
export const monthText = (value) =>
  `${Math.floor(value / 12)}-${String((value % 12) + 1).padStart(2, "0")}`;

/**
 * The first and the last month of each flow.
 * @param {Flows} flows
 */
function months(flows) {
  const starts = flows.start.texts.map(monthNumber);
  const ends = flows.end.texts.map(monthNumber);
  const first = new Float64Array(flows.n);
  const last = new Float64Array(flows.n);
  for (let i = 0; i < flows.n; i++) {
    const start = starts[flows.start.codes[i]];
    const end = ends[flows.end.codes[i]];
    first[i] = Number.isNaN(start) ? end : start;
    last[i] = Number.isNaN(end) ? start : end;
  }
  return { first, last };
}

/**
 * The windows of the flows of a view, in months; null when those of all views are the same or none
 * is stated. The first and the last month are of all views, so that a period means the same in each.
 * @param {Flows} flows
 * @param {Flows[]} [others] of the other views
 * @returns {Periods}
 */
export function periods(flows, others = []) {
  const own = months(flows);
  let low = Infinity;
  let high = -Infinity;
  const seen = new Set();
  for (const { first, last } of [own, ...others.map(months)]) {
    for (let i = 0; i < first.length; i++) {
      if (Number.isNaN(first[i])) continue;
      low = Math.min(low, first[i]);
      high = Math.max(high, last[i]);
      if (seen.size < 2) seen.add(`${first[i]} ${last[i]}`);
    }
  }
  return seen.size > 1 ? { ...own, low, high } : null;
}

/**
 * The windows that flows have, from the earliest: what a step of the time bar moves over.
 * @param {Flows} flows
 * @param {Periods} time
 */
export function windows(flows, time) {
  if (!time) return [];
  /** @type {Map<string, [number, number]>} */
  const found = new Map();
  for (let i = 0; i < flows.n; i++) {
    if (!Number.isNaN(time.first[i])) {
      found.set(`${time.first[i]} ${time.last[i]}`, [time.first[i], time.last[i]]);
    }
  }
  return [...found.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/**
 * Which flows pass all that is chosen: 1 or 0 for each. `partly` counts those that pass with
 * months outside the chosen window.
 * @param {Flows} flows
 * @param {Facet[]} all
 * @param {Chosen} chosen
 * @param {Periods} time
 */
export function mask(flows, all, chosen, time) {
  const passes = new Uint8Array(flows.n).fill(1);
  for (const one of all) {
    if (one.off.size === 0) continue;
    const on = new Uint8Array(one.labels.length).fill(1);
    for (const code of one.off) on[code] = 0;
    for (let i = 0; i < flows.n; i++) passes[i] &= on[one.codes[i]];
  }
  if (chosen.min > 0) {
    for (let i = 0; i < flows.n; i++) if (!(flows.count[i] >= chosen.min)) passes[i] = 0;
  }
  let partly = 0;
  if (time && (chosen.from > time.low || chosen.to < time.high || !chosen.undated)) {
    for (let i = 0; i < flows.n; i++) {
      const dated = !Number.isNaN(time.first[i]);
      const inside = dated
        ? time.last[i] >= chosen.from && time.first[i] <= chosen.to
        : chosen.undated;
      if (!inside) passes[i] = 0;
      else if (passes[i] && dated && (time.first[i] < chosen.from || time.last[i] > chosen.to)) {
        partly++;
      }
    }
  }
  return { passes, partly };
}
