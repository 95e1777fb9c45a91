/** What the release says of a place and of the ground that it stands on. */

/** @import { Flows, Model, Sum } from "./types.ts" */
/** @import { Relation } from "./ground.js" */

import { groundOf } from "./ground.js";
import { isWide } from "./decode.js";
import * as sums from "./sums.js";

/**
 * @typedef {"to" | "from" | "within"} Direction to the place, from it, or from it to itself
 * @typedef {{ node: number, relation: Relation, direction: Direction, measure: number, rows: number[] }} Group
 *   the rows of one place, one measure, one direction
 * @typedef {{ direction: Direction, measure: number, sum: Sum, others: { node: number, sum: Sum }[], groups: Group[], around: { node: number, sum: Sum }[], unknown: Sum, pooled: Sum }} Part
 *   of records: all of one measure and direction on the ground. `around` is what went to areas
 *   that hold the place, without saying where in them; `unknown` has no place stated or found,
 *   `pooled` went elsewhere or nowhere stated, too few to say
 * @typedef {{ node: number, rows: number[], groups: Group[], around: Group[], parts: Part[], start: string | null, end: string | null, undated: number }} Answer
 */

const RANK = /** @type {Record<Relation, number>} */ ({ same: 0, inside: 1, around: 2, "": 3 });
const LEVELS = [
  "nation",
  "region",
  "group",
  "force",
  "county",
  "district",
  "borough",
  "settlement",
];

/**
 * @param {Model} model
 * @param {Flows} flows
 * @param {number[]} passing
 * @param {number} node
 * @returns {Answer}
 */
export function answer(model, flows, passing, node) {
  const { nodes } = model;
  const ground = groundOf(nodes, node);
  const here = (/** @type {number} */ one) => ground[one] === "same" || ground[one] === "inside";
  /** @type {Map<string, Group>} */
  const groups = new Map();
  /** @type {Map<string, Group>} */
  const around = new Map();
  const rows = [];
  /** @param {Map<string, Group>} into @param {number} at @param {Direction} direction @param {number} i */
  const put = (into, at, direction, i) => {
    const measure = flows.measure.codes[i];
    const key = `${direction} ${at} ${measure}`;
    let group = into.get(key);
    if (!group) {
      group = { node: at, relation: ground[at], direction, measure, rows: [] };
      into.set(key, group);
    }
    group.rows.push(i);
  };
  for (const i of passing) {
    const a = flows.origin[i];
    const b = flows.destination[i];
    if (here(a) || here(b)) rows.push(i);
    if (here(a) && here(b)) put(groups, b, "within", i);
    else if (here(b)) put(groups, b, "to", i);
    else if (here(a)) put(groups, a, "from", i);
    if (!here(b) && ground[b] === "around" && !here(a)) put(around, b, "to", i);
    else if (!here(a) && ground[a] === "around" && !here(b)) put(around, a, "from", i);
  }
  const sorted = (/** @type {Iterable<Group>} */ list) =>
    [...list].sort(
      (a, b) =>
        RANK[a.relation] - RANK[b.relation] ||
        LEVELS.indexOf(nodes.level[a.node] || "") - LEVELS.indexOf(nodes.level[b.node] || "") ||
        b.rows.length - a.rows.length ||
        a.node - b.node ||
        a.measure - b.measure,
    );
  const all = sorted(groups.values());
  const wider = sorted(around.values());
  let start = null;
  let end = null;
  let undated = 0;
  for (const i of rows) {
    const first = flows.start.at(i) || flows.end.at(i);
    const last = flows.end.at(i) || flows.start.at(i);
    if (!first || !last) undated++;
    if (first && (start === null || first < start)) start = first;
    if (last && (end === null || last > end)) end = last;
  }
  const parts = model.statements ? [] : partsOf(model, flows, passing, all, wider, here);
  return { node, rows, groups: all, around: wider, parts, start, end, undated };
}

/**
 * Records: cells of one measure are a partition and may be added, across levels too.
 * @param {Model} model
 * @param {Flows} flows
 * @param {number[]} passing
 * @param {Group[]} groups
 * @param {Group[]} around
 * @param {(node: number) => boolean} here
 * @returns {Part[]}
 */
function partsOf(model, flows, passing, groups, around, here) {
  const { nodes } = model;
  /** @param {Group[]} list @param {(i: number) => number} side */
  const byNode = (list, side) => {
    /** @type {Map<number, Sum>} */
    const found = new Map();
    for (const group of list) {
      for (const i of group.rows) {
        const key = nodes.same[side(i)];
        const sum = found.get(key) || sums.nothing();
        found.set(key, sum);
        sums.add(model, flows, sum, i);
      }
    }
    return [...found.entries()]
      .map(([node, sum]) => ({ node, sum }))
      .sort((a, b) => b.sum.n - a.sum.n || a.node - b.node);
  };
  const out = [];
  for (const direction of /** @type {Direction[]} */ (["to", "from", "within"])) {
    const measures = new Set(
      groups.filter((one) => one.direction === direction).map((one) => one.measure),
    );
    for (const measure of measures) {
      const mine = (/** @type {Group} */ one) =>
        one.direction === direction && one.measure === measure;
      const list = groups.filter(mine);
      const rows = list.flatMap((one) => one.rows);
      const from = rows.filter((i) => nodes.id[flows.destination[i]] === null);
      const others =
        direction === "within"
          ? []
          : byNode(list, (i) => (direction === "to" ? flows.origin[i] : flows.destination[i]));
      const own = direction === "from" ? from : openRows(flows, passing, nodes, measure, here);
      out.push({
        direction,
        measure,
        sum: sums.sumOf(model, flows, rows),
        others,
        groups: list,
        around: byNode(around.filter(mine), (i) =>
          direction === "to" ? flows.destination[i] : flows.origin[i],
        ),
        unknown: sums.sumOf(
          model,
          flows,
          own.filter((i) => !nodes.rest[flows.destination[i]]),
        ),
        pooled: sums.sumOf(
          model,
          flows,
          own.filter((i) => nodes.rest[flows.destination[i]]),
        ),
      });
    }
  }
  return out;
}

/**
 * Rows of a measure whose destination is not told, and that might be to this ground too.
 * @param {Flows} flows
 * @param {number[]} passing
 * @param {Model["nodes"]} nodes
 * @param {number} measure
 * @param {(node: number) => boolean} here
 */
function openRows(flows, passing, nodes, measure, here) {
  return passing.filter(
    (i) =>
      flows.measure.codes[i] === measure &&
      nodes.id[flows.destination[i]] === null &&
      !here(flows.origin[i]),
  );
}

/**
 * What came to a place's ground by the view of all origins together: one sum a measure.
 * @param {Model} model
 * @param {{ flows: Flows, passing: number[] }} view
 * @param {number} node
 */
export function together(model, { flows, passing }, node) {
  const ground = groundOf(model.nodes, node);
  /** @type {Map<number, number[]>} */
  const found = new Map();
  for (const i of passing) {
    const relation = ground[flows.destination[i]];
    if (relation !== "same" && relation !== "inside") continue;
    const list = found.get(flows.measure.codes[i]);
    if (list) list.push(i);
    else found.set(flows.measure.codes[i], [i]);
  }
  return [...found].map(([measure, rows]) => ({
    measure: flows.measure.texts[measure],
    rows,
    sum: sums.sumOf(model, flows, rows),
  }));
}

/**
 * The periods of rows, where others that pass have more; empty where these have all of them.
 * @param {Flows} flows
 * @param {number[]} rows
 * @param {number[]} passing of the same measures
 * @returns {[string | null, string | null][]}
 */
export function onlyPeriods(flows, rows, passing) {
  const measures = new Set(rows.map((i) => flows.measure.codes[i]));
  /** @param {number[]} some @returns {Map<string, [string | null, string | null]>} */
  const periods = (some) =>
    new Map(some.map((i) => [`${flows.start.at(i)}/${flows.end.at(i)}`, spanOf(flows, i)]));
  const mine = periods(rows);
  const all = periods(passing.filter((i) => measures.has(flows.measure.codes[i])));
  if (mine.size === all.size) return [];
  return [...mine.entries()].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, span]) => span);
}

/** @param {Flows} flows @param {number} i @returns {[string | null, string | null]} */
const spanOf = (flows, i) => [flows.start.at(i), flows.end.at(i)];

/**
 * How far apart the pairs of rows are: the least and the most of their distances, and the nearest
 * and furthest parts of their places; null if none is known.
 * @param {Flows} flows
 * @param {number[]} rows
 */
export function howFar(flows, rows) {
  let from = Infinity;
  let to = -Infinity;
  let low = Infinity;
  let high = -Infinity;
  for (const i of rows) {
    if (Number.isNaN(flows.km[i])) continue;
    from = Math.min(from, flows.km[i]);
    to = Math.max(to, flows.km[i]);
    low = Math.min(low, flows.low[i]);
    high = Math.max(high, flows.high[i]);
  }
  return from === Infinity ? null : { from, to, low, high };
}

/**
 * How far a place is from the origins: of rows that tell their distance, or else by the middles of
 * the origins; the least and the most in km, null if it is not known.
 * @param {Model} model
 * @param {Flows} flows
 * @param {number[]} rows
 * @param {number} node
 */
export function awayFrom(model, flows, rows, node) {
  const { nodes } = model;
  if (model.whereTo !== null && flows.origin[0] === model.hub) {
    const [from, to] = [nodes.reach?.low[node], nodes.reach?.high[node]];
    return from === undefined || to === undefined || Number.isNaN(from) ? null : { from, to };
  }
  return howFar(
    flows,
    rows.filter((i) => !isWide(nodes, flows.origin[i])),
  );
}

/**
 * How finely records are shown: the sum at each level of destination, finest first.
 * @param {Model} model
 * @param {Flows} flows
 * @param {number[]} passing of one measure
 */
export function fineness(model, flows, passing) {
  const { nodes } = model;
  const found = new Map();
  for (const i of passing) {
    const node = flows.destination[i];
    const level =
      nodes.id[node] !== null ? nodes.level[node] : nodes.rest[node] ? "pooled" : "none";
    if (!found.has(level)) found.set(level, sums.nothing());
    sums.add(model, flows, found.get(level), i);
  }
  const order = [...LEVELS].reverse().concat("pooled", "none");
  return [...found.entries()]
    .map(([level, sum]) => ({ level: String(level), sum: /** @type {Sum} */ (sum) }))
    .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}
