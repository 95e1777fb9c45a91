/** The key numbers of the flows that pass, by the same rules as the release's own. */

/** @import { Flows, Headline, Model, Sum } from "./types.ts" */

import { isWide } from "./decode.js";
import { awayFrom } from "./answers.js";
import * as sums from "./sums.js";
import * as words from "./words.js";

/**
 * @param {Map<any, any>} map
 * @param {any} key
 * @param {() => any} make
 */
function entry(map, key, make) {
  if (!map.has(key)) map.set(key, make());
  return map.get(key);
}

/**
 * Whether a destination counts as reached: a place, and not what is left of one, a region or a
 * nation that records were rolled up to.
 * @param {Model} model
 * @param {number} node
 */
export function isReached(model, node) {
  const { nodes } = model;
  if (!node || nodes.id[node] === null || nodes.rest[node]) return false;
  return model.statements || !isWide(nodes, node);
}

/** @typedef {{ flows: Flows, passing: number[] }} View rows of one view of a release that pass */

/**
 * Where most were found is told by police force area, where that is known: places of several levels
 * lie on one another.
 * @param {Model} model
 * @param {View} sends of each origin
 * @param {View} to what is drawn: of all origins together, else the same
 * @returns {Headline[]}
 */
export function headlines(model, sends, to) {
  if (model.statements) {
    return [
      ...ofStatements(sends.flows, sends.passing),
      ...reached(model, sends, sends),
      ...largest(model, sends.flows, sends.passing),
      ...furthest(model, sends),
    ];
  }
  const { nodes } = model;
  const place = (/** @type {number} */ node) =>
    nodes.id[node] !== null && !isWide(nodes, node) && !nodes.rest[nodes.same[node]];
  const force = (/** @type {number} */ node) => nodes.parents.force?.[node] || 0;
  const found = to.flows.destination.map((node) => force(node) || node);
  const kind = (/** @type {number} */ i) =>
    force(to.flows.destination[i]) ? ` ${words.level("force")}` : "";
  const away = (/** @type {number} */ node, /** @type {number[]} */ rows) => {
    const km = words.reachOf(awayFrom(model, to.flows, rows, node));
    return km ? words.TEXT.head.away(km) : "";
  };
  const together = to.flows !== sends.flows;
  const apart = model.whereTo ? words.TEXT.head.apart : "";
  const hidden = together ? model.hidden : model.hiddenApart;
  const periods = new Set([...periodsOf(to), ...periodsOf(sends)]);
  return [
    ...ofRecords(model, to.flows, to.passing, hidden),
    ...busiest(model, to, periods, found, words.TEXT.head.found, place, kind, away),
    ...busiest(model, sends, periods, sends.flows.origin, words.TEXT.head.came + apart, place),
    ...(together ? furthestOfAll(model, to) : furthest(model, sends)),
    ...reached(model, to, sends),
    ...unplaced(model, to.flows, to.passing, together ? words.TEXT.head.together : apart),
  ];
}

/**
 * The first key number alone: of several maps each has its own, since they may show the same
 * records.
 * @param {Model} model @param {View} view @param {string} title of the map
 * @returns {Headline[]}
 */
export function ofPane(model, { flows, passing }, title) {
  const found = model.statements
    ? ofStatements(flows, passing)
    : ofRecords(model, flows, passing, model.hiddenApart);
  return found.map((one) => ({ ...one, label: `${one.label}: ${title}` }));
}

/** The periods of rows, as texts that sort by time. @param {View} view */
const periodsOf = ({ flows, passing }) =>
  new Set(passing.map((i) => `${flows.start.at(i) || ""}/${flows.end.at(i) || ""}`));

/** Rows to a place that counts as a destination. @param {Model} model @param {View} view */
const reaching = (model, { flows, passing }) =>
  passing.filter((i) => flows.kind[i] < 2 && isReached(model, flows.destination[i]));

/** @param {Flows} flows @param {number[]} passing */
function ofStatements(flows, passing) {
  const sources = new Set(passing.map((i) => flows.source.at(i)).filter((text) => text !== null));
  return [
    {
      value: words.number(passing.length),
      label: words.TEXT.head.statements,
      note: sources.size ? words.TEXT.head.sources(sources.size) : "",
    },
  ];
}

/** @param {Sum} sum */
const valueOf = (sum) => words.number(sum.n);

/**
 * What all of the rows count; null where they count different things or nothing.
 * @param {Flows} flows
 * @param {number[]} passing
 */
function measureOf(flows, passing) {
  const measures = new Set(passing.map((i) => flows.measure.codes[i]));
  return measures.size === 1 ? words.name(flows.measure.at(passing[0])) : null;
}

/**
 * @param {Model} model @param {Flows} flows @param {number[]} passing
 * @param {string} periods of which nothing is shown in this view
 */
function ofRecords(model, flows, passing, periods) {
  const measure = measureOf(flows, passing);
  const total = sums.sumOf(model, flows, passing);
  const hidden = periods ? words.TEXT.head.hidden(periods) : "";
  if (measure === null || !total.n) {
    return [{ value: words.number(passing.length), label: words.TEXT.head.flows, note: hidden }];
  }
  const figures = words.TEXT.head.figures(total.figures);
  return [
    {
      value: `${total.figures > 1 && model.rule ? "about " : ""}${valueOf(total)}`,
      label: `${measure} shown`,
      note: hidden ? `${figures}; ${hidden}` : figures,
    },
  ];
}

/**
 * What has no place, and what has only a region, a nation or "elsewhere".
 * @param {Model} model @param {Flows} flows @param {number[]} passing
 * @param {string} scope which origins they are of
 */
function unplaced(model, flows, passing, scope) {
  const { nodes } = model;
  const total = sums.sumOf(model, flows, passing).n;
  if (measureOf(flows, passing) === null || !total) return [];
  /** @param {(node: number) => boolean} counts @param {string} label */
  const share = (counts, label) => {
    const rows = passing.filter((i) => counts(flows.destination[i]));
    const { n } = sums.sumOf(model, flows, rows);
    const value = `${Math.floor((100 * n) / total + 0.5)}%`;
    return n ? [{ value, label, note: words.TEXT.head.ofShown + scope }] : [];
  };
  const none = (/** @type {number} */ node) => nodes.id[node] === null;
  return [
    ...share((node) => none(node) && !nodes.rest[node], words.TEXT.head.unplaced),
    ...share(
      (node) => (none(node) ? nodes.rest[node] === 1 : isWide(nodes, node)),
      words.TEXT.head.pooled,
    ),
  ];
}

/** @param {Model} model @param {View} to @param {View} sends */
function reached(model, to, sends) {
  const { nodes } = model;
  const places = new Set(reaching(model, to).map((i) => nodes.same[to.flows.destination[i]]));
  const origins = new Set(reaching(model, sends).map((i) => nodes.same[sends.flows.origin[i]]));
  origins.delete(0);
  if (!places.size) return [];
  return [
    {
      value: words.number(places.size),
      label: words.TEXT.head.reached(places.size, model.statements),
      note: to.flows === sends.flows ? words.TEXT.head.from(origins.size) : words.TEXT.head.fromAll,
    },
  ];
}

/**
 * Of statements, the largest single figure of the measure that has most figures.
 * @param {Model} model @param {Flows} flows @param {number[]} passing
 */
function largest(model, flows, passing) {
  const { nodes } = model;
  /** @type {Map<string, number[]>} */
  const byMeasure = new Map();
  for (const i of passing) {
    const drawn = nodes.x[flows.origin[i]] * nodes.x[flows.destination[i]] > 0;
    if (!drawn || Number.isNaN(flows.count[i])) continue;
    entry(byMeasure, flows.measure.at(i) || "", () => []).push(i);
  }
  const most = [...byMeasure.entries()].sort(
    (a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1),
  )[0];
  if (!most) return [];
  const best = most[1].reduce((a, b) => (flows.count[b] > flows.count[a] ? b : a));
  return [
    {
      value: words.number(flows.count[best]),
      label: most[0],
      note: `the most: ${nodes.name[flows.origin[best]]} to ${nodes.name[flows.destination[best]]}`,
    },
  ];
}

/**
 * Of records, the end with the largest sum, where all count the same, and how many have as much: one
 * is named, its kind after the name, and of several the number is told. Where it is of some of the
 * `periods` of the key numbers only, these are named.
 * @param {Model} model
 * @param {View} view
 * @param {Set<string>} periods
 * @param {Uint32Array} side
 * @param {string} note
 * @param {(node: number) => boolean} counts
 * @param {(i: number) => string} [kind]
 * @param {(node: number, rows: number[]) => string} [more] of its rows, which follows the note
 */
function busiest(
  model,
  { flows, passing },
  periods,
  side,
  note,
  counts,
  kind = () => "",
  more = () => "",
) {
  const { nodes } = model;
  const only = (/** @type {number[]} */ rows) => {
    const own = periodsOf({ flows, passing: rows });
    if (own.size === periods.size) return "";
    const spans = [...own].sort().map((one) => one.split("/"));
    return `; ${words.TEXT.onlyIn(spans.map(([start, end]) => words.period(start, end)))}`;
  };
  if (measureOf(flows, passing) === null) return [];
  /** @type {Map<number, Sum>} */
  const found = new Map();
  for (const i of passing) {
    if (!counts(side[i])) continue;
    sums.add(model, flows, entry(found, nodes.same[side[i]], sums.nothing), i);
  }
  const name = (/** @type {number} */ node) => nodes.name[node] || "";
  const ranked = [...found.entries()].sort(
    (a, b) => b[1].n - a[1].n || (name(a[0]) < name(b[0]) ? -1 : 1),
  );
  const best = ranked[0];
  if (!best || !best[1].n) return [];
  const value = `${best[1].figures > 1 && model.rule ? "about " : ""}${valueOf(best[1])}`;
  const mine = passing.filter((i) => counts(side[i]) && nodes.same[side[i]] === best[0]);
  const own = name(best[0]);
  const called = own.includes("Police") ? own : own + kind(mine[0]); // Police Scotland
  const ties = ranked.filter(([, sum]) => sum.n === best[1].n).map(([node]) => node);
  if (ties.length > 1) {
    const all = new Set(
      passing
        .filter((i) => counts(side[i]) && ties.includes(nodes.same[side[i]]))
        .map((i) => kind(i).trim() || words.level(nodes.level[nodes.same[side[i]]])),
    );
    const kinds = all.size === 1 ? words.levels([...all][0]) : "places";
    return [{ value, label: words.TEXT.head.tied(ties.length, kinds), note }];
  }
  return [{ value, label: called, note: note + more(best[0], mine) + only(mine) }];
}

/**
 * Of all origins together, the place that is furthest from any of them.
 * @param {Model} model @param {View} view
 */
function furthestOfAll(model, view) {
  const { nodes } = model;
  const ends = new Set(reaching(model, view).map((i) => nodes.same[view.flows.destination[i]]));
  const found = [...ends].flatMap((node) => {
    const km = awayFrom(model, view.flows, [], node);
    return km && !isWide(nodes, node) ? [{ km, name: nodes.name[node] || "" }] : [];
  });
  if (!found.length) return [];
  const best = found.reduce((a, b) =>
    b.km.to > a.km.to || (b.km.to === a.km.to && b.name < a.name) ? b : a,
  );
  return [
    {
      value: words.reachOf(best.km),
      label: words.TEXT.furthest,
      note: words.TEXT.head.fromOrigins(best.name),
    },
  ];
}

/** @param {Model} model @param {View} view */
function furthest(model, view) {
  const { flows } = view;
  const { nodes } = model;
  const name = (/** @type {number} */ i) =>
    `${nodes.name[flows.origin[i]]} to ${nodes.name[flows.destination[i]]}`;
  let best = -1;
  for (const i of reaching(model, view)) {
    const km = flows.km[i];
    if (Number.isNaN(km)) continue;
    if (!model.statements && isWide(nodes, flows.origin[i])) continue;
    if (isWide(nodes, flows.destination[i])) continue;
    if (best < 0 || km > flows.km[best] || (km === flows.km[best] && name(i) < name(best)))
      best = i;
  }
  if (best < 0) return [];
  return [
    { value: `${words.number(flows.km[best])} km`, label: words.TEXT.furthest, note: name(best) },
  ];
}
