/** What follows from the data and from what is chosen; each part is made from those before it. */

/** @import { Chosen, Curves, Facet, Flows, Model, Pairs, Periods, Strands, Sum } from "./types.ts" */

import { pairKind, pairsOf, strandsOf, changeOf } from "./pairs.js";
import { isWide } from "./decode.js";
import { groundOf, wholeOf } from "./ground.js";
import { headlines, ofPane } from "./headlines.js";
import { layout } from "./curves.js";
import { rolledUp } from "./rollup.js";
import * as filter from "./filter.js";
import * as sums from "./sums.js";
import * as words from "./words.js";

const PIXEL = 1 / 2 ** 6.6; // of the world, at the zoom for which curves are laid out
const DENSE = 1200; // beyond so many lines, only the largest stand out at first
const FIRST = 250;
const MANY_PLACES = 12; // more destinations than a reader takes in at a glance

/**
 * Round numbers for a legend, rising: 1, 2 or 5 times a power of ten, each at most 0.6 of the one
 * above it, and the largest itself.
 * @param {number} largest
 * @param {number} smallest
 */
export function legendSteps(largest, smallest, most = 4) {
  if (!(largest >= 1)) return [];
  const steps = [Math.floor(largest)];
  for (let e = 12; e >= 0; e--) {
    for (const m of [5, 2, 1]) {
      const step = m * 10 ** e;
      if (steps.length < most && smallest <= step && step <= 0.6 * steps[steps.length - 1]) {
        steps.push(step);
      }
    }
  }
  return steps.reverse();
}

/**
 * The levels that destinations of records can be shown by.
 * @param {Model} model
 */
export const levelsOf = (model) => (model.statements ? [] : Object.keys(model.nodes.parents));

/**
 * The level that destinations of records are shown by at first: police force areas, where places
 * of several levels lie on one another or are many, else as published.
 * @param {Model} model
 */
function firstLevel(model) {
  const above = model.nodes.parents.force;
  if (!above || model.statements || model.panes.length > 1) return "";
  const { nodes } = model;
  const { destination } = model.whereTo || model.flows;
  /** @type {Map<number, Set<number>>} */
  const inside = new Map();
  for (const node of destination) {
    if (nodes.id[node] === null || isWide(nodes, node)) continue;
    const force = above[node] || node;
    inside.set(force, (inside.get(force) || new Set()).add(nodes.same[node]));
  }
  const places = [...inside.values()].reduce((n, set) => n + set.size, 0);
  const nested = [...inside].some(
    ([force, set]) =>
      set.size > 1 && [...set].some((node) => nodes.rest[node] || node === nodes.same[force]),
  );
  return inside.size > 2 && (nested || places > MANY_PLACES) ? "force" : "";
}

/**
 * What is chosen before the reader has chosen anything.
 * @param {Model} model
 * @returns {Chosen}
 */
export function beginning(model) {
  const many = !model.statements && (model.origins > 1 || model.whereTo !== null);
  const pairs = pairsOf(model, model.flows, "pairs");
  let drawn = 0;
  const from = new Set();
  const marked = new Set(); // origins with a point on the map, though only areas be shaded for some
  for (let p = 0; p < pairs.n; p++) {
    const kind = pairKind(model, pairs.origin[p], pairs.destination[p]);
    if (!kind) continue;
    marked.add(pairs.origin[p]);
    if (kind === 3) continue;
    drawn++;
    from.add(pairs.origin[p]);
  }
  const origins = from.size;
  const crowded = origins > 8 || drawn > 60 || drawn === 0 || model.whereTo !== null;
  const together = many && crowded && model.panes.length === 1;
  const { colourBy } = model.style;
  return {
    view: "map",
    picture: together ? "to" : "pairs",
    place: 0,
    pair: null,
    elsewhere: "",
    min: 0,
    most: drawn > DENSE ? FIRST : 0,
    from: 0,
    to: 0,
    undated: true,
    change: false,
    colour: colourBy === "origin" && marked.size > 8 ? "one" : colourBy,
    level: together ? firstLevel(model) : "",
    theme: "auto",
    at: "",
  };
}

/** @typedef {{ came: Float64Array, left: Float64Array }} Size */

/**
 * A field that the constructor fills by way of a method.
 * @returns {any}
 */
const later = () => null;

export class Reading {
  /** @type {Flows} of the level */
  flows = later();
  /** @type {Facet[]} */
  facets = later();
  /** @type {Periods} */
  periods = null;
  /** @type {[number, number][]} */
  windows = [];
  /** @type {Uint8Array} 1 for each row that passes the filters */
  passes = later();
  /** @type {number[]} the rows that pass */
  passing = [];
  /** how many of them have months outside the chosen period */
  partly = 0;
  /** how many of them are drawn as a line, a ring or an area */
  placed = 0;
  /** @type {Pairs} of the picture */
  pairs = later();
  /** @type {Curves} */
  curves = later();
  /** the largest figure of a line of the picture */
  largest = 0;
  /** the figure of the widest line, and the round numbers under it */
  scale = 0;
  /** @type {number[]} */
  steps = [];
  slim = 1;
  /** how many rows are counted, named, mentioned */
  kinds = [0, 0, 0];
  /** @type {Uint8Array} 1 for each node that a line begins at */
  isOrigin = later();
  /** @type {Strands} */
  strands = later();
  /** @type {ReturnType<typeof changeOf> | null} */
  change = null;
  /** the measure that shaded areas and shares are about */
  main = 0;
  /** @type {Float64Array} how far each line lies from the middle of its pair, in pixels */
  offset = later();
  /** @type {Map<number, Sum>} regions and nations that records were rolled up to */
  shaded = new Map();
  /** @type {Uint8Array} 1 for each node that a line that passes ends at */
  touched = later();
  /** @type {Map<number, Size>} of each map (0 where there is one) what came to each node, what left it */
  sizes = new Map();
  greatest = 0;
  /** the map that is answered for; 0 for all */
  only = 0;
  /** @type {number[]} the nodes of the lines that pass, the most important first */
  order = [];
  reached = 0;
  room = 1;
  /** @type {Set<string | null>} names that two places share */
  doubled = new Set();
  /** whether only some lines stand out */
  quiet = false;
  /** @type {Set<number>} the nodes on the ground of the chosen place */
  ground = new Set();
  /** @type {number[]} the lines that stand out, largest first, and the others */
  front = [];
  /** @type {number[]} */
  back = [];
  /** @type {Set<number>} the ends of the lines that stand out */
  near = new Set();
  /** @type {Set<number> | null} the only nodes to draw; null for all */
  marked = null;

  /** @param {Model} model @param {Chosen} chosen */
  constructor(model, chosen) {
    this.model = model;
    this.chosen = chosen;
    this.zoom = 7;
    /** @type {Map<string, { flows: Flows, facets: Facet[], periods: Periods, windows: [number, number][] }>} */
    this.levels = new Map();
    /** @type {Map<number, boolean>} */
    this.alone = new Map();
    /** @type {Map<string, { pairs: Pairs, curves: Curves, widest: number, largest: number, steps: number[], drawn: number }>} */
    this.layouts = new Map();
    this.useLevel();
  }

  /**
   * The level that is shown: as chosen, or as near as the reader has come. The table, and a place
   * that is chosen, are shown as published.
   */
  get level() {
    const { place, view } = this.chosen;
    return place || view === "table" ? "" : this.overviewLevel;
  }

  /** The level that the map shows where no place is chosen. */
  get overviewLevel() {
    const { level } = this.chosen;
    if (level !== "auto") return level;
    const levels = levelsOf(this.model);
    const wanted = this.zoom < 6 ? "force" : this.zoom < 7.4 ? "county" : "";
    return levels.includes(wanted) ? wanted : "";
  }

  /** The picture that is shown: a chosen place or line has its own star. */
  get picture() {
    const { place, pair, picture } = this.chosen;
    if (this.model.statements) return "pairs";
    if (place && this.isOnlyTogether(place)) return "to";
    if (place || (pair && pair[0] !== this.model.hub)) return "pairs";
    return picture;
  }

  /**
   * Whether only the view of all origins together shows something of a place's ground.
   * @param {number} place
   */
  isOnlyTogether(place) {
    const { model } = this;
    if (!model.whereTo || this.hidesOrigins()) return false;
    let only = this.alone.get(place);
    if (only === undefined) {
      const ground = groundOf(model.nodes, place);
      const on = (/** @type {number} */ end) => ground[end] === "same" || ground[end] === "inside";
      const { flows, whereTo } = model;
      only = whereTo.destination.some(on) && !flows.destination.some(on) && !flows.origin.some(on);
      this.alone.set(place, only);
    }
    return only;
  }

  /** Whether a filter hides origins, which the view of all origins together cannot do. */
  hidesOrigins() {
    return this.facets?.some((one) => one.key === "origin" && one.off.size > 0) || false;
  }

  /** Whether the view of all origins together is shown. */
  get together() {
    return this.model.whereTo !== null && this.picture === "to" && !this.hidesOrigins();
  }

  /**
   * The flows of a level and view, and the ways of sorting them.
   * @param {boolean} together @param {string} [level]
   */
  made(together, level = this.level) {
    const { model } = this;
    const key = `${level} ${together}`;
    let made = this.levels.get(key);
    if (!made) {
      const own = together && model.whereTo ? model.whereTo : model.flows;
      const flows = level ? rolledUp(model, own, level) : own;
      const others = [model.flows, model.whereTo].filter((one) => one !== null && one !== own);
      const periods = filter.periods(flows, /** @type {Flows[]} */ (others));
      const facets = filter.facets(model, flows);
      /* origins are switched in either view */
      const origins = together
        ? this.made(false, level).facets.find((one) => one.key === "origin")
        : null;
      if (origins) facets[facets.findIndex((one) => one.key === "origin")] = origins;
      made = { flows, facets, periods, windows: filter.windows(flows, periods) };
      this.levels.set(key, made);
    }
    return made;
  }

  /**
   * What other facets hide, hidden in these too.
   * @param {Facet[]} from @param {Facet[]} to
   */
  hideAlike(from, to) {
    for (const one of to) {
      const same = from.find((other) => other.key === one.key);
      if (!same || same === one) continue;
      const hidden = new Set([...same.off].map((code) => same.names[code]));
      one.off = new Set(one.present.filter((code) => hidden.has(one.names[code])));
    }
  }

  /** The flows of the level, and the ways of sorting them; filters keep what they hide. */
  useLevel() {
    const made = this.made(this.together);
    const { periods } = made;
    if (periods && !this.chosen.to) {
      Object.assign(this.chosen, { from: periods.low, to: periods.high });
    }
    if (this.facets) this.hideAlike(this.facets, made.facets);
    this.flows = made.flows;
    this.facets = made.facets;
    this.periods = made.periods;
    this.windows = made.windows;
    this.filter();
  }

  /** The curves and the scale: of all flows of the picture, whatever is filtered. */
  lay() {
    const { flows, model, picture } = this;
    const key = `${this.level} ${picture} ${this.together}`;
    let made = this.layouts.get(key);
    if (!made) {
      const pairs = pairsOf(model, flows, picture);
      const kinds = Uint8Array.from({ length: pairs.n }, (_, p) =>
        pairKind(model, pairs.origin[p], pairs.destination[p]),
      );
      const all = strandsOf(
        model,
        flows,
        pairs,
        /** @type {Curves} */ ({ kind: kinds }),
        () => true,
      );
      let largest = 0;
      let smallest = Infinity;
      for (let s = 0; s < all.n; s++) {
        if (flows.measure.at(all.first[s]) === "areas reached" || !(all.count[s] > 0)) continue;
        largest = Math.max(largest, all.count[s]);
        smallest = Math.min(smallest, all.count[s]);
      }
      const widths = new Float64Array(pairs.n);
      for (let s = 0; s < all.n; s++) {
        widths[all.pair[s]] += this.widthOf(all.count[s], largest);
      }
      const order = Uint32Array.from(widths.keys()).sort((a, b) => widths[b] - widths[a] || a - b);
      const curves = layout(model, pairs, PIXEL, widths, order);
      const steps = legendSteps(largest, Math.min(smallest, largest) / 2);
      made = { pairs, curves, largest, steps, widest: Math.max(0, ...widths), drawn: all.n };
      this.layouts.set(key, made);
    }
    this.pairs = made.pairs;
    this.curves = made.curves;
    this.largest = made.largest;
    this.steps = made.steps;
    /* lines are thinner where there are many in all */
    const shown = this.chosen.most ? Math.min(this.chosen.most, made.drawn) : made.drawn;
    this.slim = Math.max(0.4, Math.min(1, Math.sqrt(120 / Math.max(1, shown))));
    this.scale = made.largest;
    this.isOrigin = new Uint8Array(model.nodes.n);
    for (let p = 0; p < made.pairs.n; p++) {
      if (made.curves.kind[p]) this.isOrigin[made.pairs.origin[p]] = 1;
    }
    this.kinds = [0, 0, 0];
    for (let i = 0; i < flows.n; i++) this.kinds[flows.kind[i]]++;
  }

  /** @param {number} count @param {number} [largest] */
  widthOf(count, largest = this.scale) {
    const { style } = this.model;
    if (Number.isNaN(count)) return style.named;
    if (!(largest && largest > 0)) return style.thinnest;
    return Math.min(style.widest, Math.max(style.thinnest, (count / largest) * style.widest));
  }

  /** What passes, and all that follows from it. */
  filter() {
    if (this.flows !== this.made(this.together).flows) return this.useLevel();
    const { chosen, model } = this;
    const { nodes } = model;
    const flows = this.flows;
    const facets = this.facets;
    const time = this.periods;
    if (model.whereTo) {
      nodes.name[model.hub] = this.hidesOrigins()
        ? words.TEXT.originsLeft
        : words.TEXT.allOriginsTogether;
    }
    const { passes, partly } = filter.mask(flows, facets, chosen, time);
    this.partly = partly;
    this.passing = [];
    for (let i = 0; i < flows.n; i++) if (passes[i]) this.passing.push(i);
    this.passes = passes;
    this.lay();
    const pairs = this.pairs;
    const curves = this.curves;
    this.strands = strandsOf(model, flows, pairs, curves, (i) => passes[i] === 1);
    this.change = null;
    if (chosen.change && time && !model.statements) {
      const whole = filter.mask(flows, facets, { ...chosen, from: time.low, to: time.high }, null);
      const all = strandsOf(model, flows, pairs, curves, (i) => whole.passes[i] === 1);
      this.change = changeOf(model, flows, pairs, all, time, whole.passes, chosen);
      all.change = this.change.change;
      this.strands = all;
      const sizes = [...all.change].map(Math.abs).filter((value) => value > 0);
      this.scale = Math.max(0, ...sizes);
      this.steps = legendSteps(this.scale, Math.min(...sizes));
    }
    this.main = this.mainMeasure();
    this.placed = this.passing.filter((i) => curves.kind[pairs.of[i]] > 0).length;
    this.spread();
    this.countNodes();
    this.focus();
    this.shaded = this.shade(this.rows());
  }

  /** The maps beside each other, with the code that their flows have. */
  get panes() {
    const { panes, flows } = this.model;
    return panes.map((title, k) => ({ title, code: flows.pane.texts.indexOf(String(k)) }));
  }

  /**
   * Answer for one of several maps: figures of two maps are never added, for they may show the same
   * records.
   * @template T
   * @param {number} pane
   * @param {() => T} act
   * @returns {T}
   */
  within(pane, act) {
    const { passing, shaded } = this;
    this.only = pane;
    this.passing = passing.filter((i) => this.flows.pane.codes[i] === pane);
    this.shaded = this.shadedIn(pane);
    try {
      return act();
    } finally {
      Object.assign(this, { passing, shaded, only: 0 });
    }
  }

  /** The regions and nations that rows of a map were rolled up to. @param {number} pane 0 for all */
  shadedIn(pane) {
    if (!pane) return this.shaded;
    return this.shade(this.rows().filter((i) => this.flows.pane.codes[i] === pane));
  }

  /**
   * What rows of the main measure were rolled up to: a sum for each region and nation.
   * @param {number[]} rows
   */
  shade(rows) {
    const { model, flows, curves, pairs } = this;
    const { nodes } = model;
    /** @type {Map<number, Sum>} */
    const found = new Map();
    for (const i of rows) {
      if (curves.kind[pairs.of[i]] !== 3 || !isWide(nodes, flows.destination[i])) continue;
      if (flows.measure.codes[i] !== this.main) continue;
      const node = nodes.same[flows.destination[i]];
      const sum = found.get(node) || sums.nothing();
      found.set(node, sum);
      sums.add(model, flows, sum, i);
    }
    return found;
  }

  /** The measure with the largest sum of what passes. */
  mainMeasure() {
    const { flows } = this;
    const all = new Float64Array(flows.measure.texts.length);
    for (const i of this.passing) all[flows.measure.codes[i]] += flows.count[i] || 0;
    return all.indexOf(Math.max(...all));
  }

  /**
   * Of records, the sum of the shown counts of a node in the measure that has most; of statements,
   * the largest single figure, since statements are never added.
   */
  countNodes() {
    const { model } = this;
    const { nodes } = model;
    const flows = this.flows;
    const pairs = this.pairs;
    const curves = this.curves;
    const measures = flows.measure.texts.length;
    const panes = model.panes.length > 1 ? this.panes.map(({ code }) => code) : [0];
    /* by node and measure */
    const empty = () => ({
      came: new Float64Array(nodes.n * measures),
      left: new Float64Array(nodes.n * measures),
    });
    const found = new Map(panes.map((code) => [code, empty()]));
    const put = model.statements
      ? (/** @type {Float64Array} */ sides, /** @type {number} */ at, /** @type {number} */ n) => {
          sides[at] = Math.max(sides[at], n);
        }
      : (/** @type {Float64Array} */ sides, /** @type {number} */ at, /** @type {number} */ n) => {
          sides[at] += n;
        };
    this.touched = new Uint8Array(nodes.n);
    const seen = new Uint8Array(nodes.n);
    const { kind } = curves;
    for (const i of this.passing) {
      const pair = pairs.of[i];
      if (!kind[pair]) continue;
      const a = pairs.origin[pair];
      const b = pairs.destination[pair];
      seen[a] = 1;
      if (kind[pair] !== 3) this.touched[b] = seen[b] = 1;
      const count = flows.count[i];
      if (!(count > 0)) continue;
      const own = found.get(panes.length > 1 ? pairs.pane[pair] : 0);
      if (!own) continue;
      const measure = flows.measure.codes[i];
      if (a) put(own.left, a * measures + measure, count);
      if (b && kind[pair] !== 3) put(own.came, b * measures + measure, count);
    }
    const most = (/** @type {Float64Array} */ sides) =>
      Float64Array.from({ length: nodes.n }, (_, node) => {
        let all = 0;
        for (let k = 0; k < measures; k++) all = Math.max(all, sides[node * measures + k]);
        return all;
      });
    this.sizes = new Map(
      [...found].map(([pane, { came, left }]) => [pane, { came: most(came), left: most(left) }]),
    );
    this.greatest = 0;
    this.order = [];
    this.reached = 0;
    for (let node = 1; node < nodes.n; node++) {
      if (!seen[node]) continue;
      this.order.push(node);
      this.greatest = Math.max(this.greatest, this.size(node));
      if (this.touched[node] && nodes.outline.has(node)) this.reached++;
    }
    /* where there are many places, each is smaller */
    this.room = Math.max(0.4, Math.min(1, Math.sqrt(140 / Math.max(1, this.order.length))));
    const once = new Map();
    this.doubled = new Set();
    for (const node of this.order) {
      const name = nodes.name[node];
      if (once.has(name) && once.get(name) !== nodes.level[node]) this.doubled.add(name);
      once.set(name, nodes.level[node]);
    }
    const weight = Float64Array.from({ length: nodes.n }, (_, node) => this.size(node));
    const origin = this.isOrigin;
    this.order.sort((a, b) => origin[b] - origin[a] || weight[b] - weight[a] || a - b);
  }

  /** Lines of one pair lie side by side. */
  spread() {
    const { strands } = this;
    this.offset = new Float64Array(strands.n);
    /** @type {Map<number, number[]>} */
    const ribbons = new Map();
    for (let s = 0; s < strands.n; s++) {
      if (strands.of[s] < 2) continue;
      const list = ribbons.get(strands.pair[s]);
      if (list) list.push(s);
      else ribbons.set(strands.pair[s], [s]);
    }
    for (const list of ribbons.values()) {
      const wide = list.map((s) => this.widthOf(strands.count[s]) + 3);
      let at = -wide.reduce((a, b) => a + b, 0) / 2;
      list.forEach((s, k) => {
        this.offset[s] = at + wide[k] / 2;
        at += wide[k];
      });
    }
  }

  /** What stands out: all, or the lines of the ground of a place, or one line. */
  focus() {
    const { model } = this;
    const { place, pair } = this.chosen;
    const pairs = this.pairs;
    const strands = this.strands;
    this.quiet = place > 0 || pair !== null;
    const ground = place ? groundOf(model.nodes, place) : [];
    this.ground = new Set(
      place
        ? [place, ...ground.keys()].filter(
            (n) => n === place || ground[n] === "same" || ground[n] === "inside",
          )
        : [],
    );
    const here = this.ground;
    const standing = new Uint8Array(pairs.n);
    for (let p = 0; p < pairs.n; p++) {
      const a = pairs.origin[p];
      const b = pairs.destination[p];
      standing[p] =
        !this.quiet || (pair ? a === pair[0] && b === pair[1] : here.has(a) || here.has(b)) ? 1 : 0;
    }
    /* a star hides the other lines where all of them at once are only shown on demand */
    const star = this.quiet && this.chosen.picture === "to" && !model.statements && !this.together;
    const most = this.chosen.most || Infinity;
    this.front = [];
    this.back = [];
    this.near = new Set(place ? [place] : []);
    const changing = this.change;
    for (let s = 0; s < strands.n; s++) {
      if (changing && !(Math.abs(changing.change[s]) > 0)) continue;
      const stands = standing[strands.pair[s]];
      if (!this.quiet) (this.front.length < most ? this.front : this.back).push(s);
      else if (stands) this.front.push(s);
      else if (!star) this.back.push(s);
      if (this.quiet && stands) {
        this.near.add(pairs.origin[strands.pair[s]]).add(pairs.destination[strands.pair[s]]);
      }
    }
    if (pair) this.near.add(pair[0]).add(pair[1]);
    /** Places that are drawn: those of the lines that are. */
    this.marked = star || changing ? new Set(this.near) : null;
    if (changing && !star) {
      for (const s of [...this.front, ...this.back]) {
        this.marked?.add(pairs.origin[strands.pair[s]]).add(pairs.destination[strands.pair[s]]);
      }
    }
  }

  /** The rows that pass and, where a place or a line is chosen, belong to it. */
  rows() {
    const flows = this.flows;
    const pairs = this.pairs;
    const passing = this.passing;
    const { place, pair } = this.chosen;
    if (pair) {
      const [a, b] = pair;
      return passing.filter(
        (i) => pairs.origin[pairs.of[i]] === a && pairs.destination[pairs.of[i]] === b,
      );
    }
    if (!place) return passing;
    const here = this.ground;
    return passing.filter((i) => here.has(flows.origin[i]) || here.has(flows.destination[i]));
  }

  /**
   * What came to a node or left it, whichever is more, on a map; 0 for the map that has most.
   * Two maps may show the same records, so their figures are not added.
   * @param {number} node @param {number} [pane] @returns {number}
   */
  size(node, pane = 0) {
    const one = this.sizes.get(pane);
    if (one) return Math.max(one.came[node], one.left[node]);
    return Math.max(0, ...[...this.sizes.keys()].map((code) => this.size(node, code)));
  }

  /**
   * The share of a node's figures on a map that came to it; NaN where none came or none left.
   * @param {number} node @param {number} pane
   */
  shareThatCame(node, pane) {
    const one = this.sizes.get(pane);
    if (!one || !(one.came[node] > 0 && one.left[node] > 0)) return NaN;
    return one.came[node] / (one.came[node] + one.left[node]);
  }

  /** @param {number} node @param {number} [pane] */
  radius(node, pane = 0) {
    const share = this.greatest > 0 ? this.size(node, pane) / this.greatest : 0;
    return (this.isOrigin[node] ? 4.5 : 3) * this.room + 4.5 * Math.sqrt(share);
  }

  /** The name on the map, with its level where two places share it. @param {number} node */
  label(node) {
    const { nodes } = this.model;
    const name = words.name(nodes.name[node]);
    return this.doubled.has(nodes.name[node])
      ? `${name} (${words.shortLevel(nodes.level[node])})`
      : name;
  }

  searchable() {
    const { nodes, hub } = this.model;
    const out = [];
    for (let node = 1; node < nodes.n; node++) {
      if (node === hub || !nodes.name[node] || nodes.id[node] === null) continue;
      if (nodes.same[node] === node && wholeOf(nodes, node) === node) out.push(node);
    }
    return out;
  }

  /** The box of the world in which all curves of the picture lie. */
  extent() {
    const curves = this.curves;
    const { nodes, base } = this.model;
    const out = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
    const grow = (/** @type {number} */ x, /** @type {number} */ y) => {
      out.x0 = Math.min(out.x0, x);
      out.x1 = Math.max(out.x1, x);
      out.y0 = Math.min(out.y0, y);
      out.y1 = Math.max(out.y1, y);
    };
    const c = curves;
    for (let i = 0; i < c.n; i++) {
      if (!c.kind[i]) continue;
      grow(c.ax[i], c.ay[i]);
      if (c.kind[i] === 3) {
        const shown = nodes.level[this.pairs.destination[i]] === "region";
        const box = shown && nodes.outline.get(this.pairs.destination[i])?.(0).box;
        if (box) {
          grow(box.x0, box.y0);
          grow(box.x1, box.y1);
        }
        continue;
      }
      grow(c.bx[i], c.by[i]);
      grow((c.ax[i] + 2 * c.cx[i] + c.bx[i]) / 4, (c.ay[i] + 2 * c.cy[i] + c.by[i]) / 4);
    }
    if (out.x0 === Infinity) {
      for (let k = 1; k < nodes.n; k++) if (nodes.x[k] > 0) grow(nodes.x[k], nodes.y[k]);
    }
    if (out.x0 === Infinity) {
      for (const area of base.detail(0).land) {
        grow(area.box.x0, area.box.y0);
        grow(area.box.x1, area.box.y1);
      }
    }
    if (out.x0 === Infinity) grow(128, 85);
    const pad = (/** @type {number} */ low, /** @type {number} */ high) =>
      Math.max(0, (0.6 - (high - low)) / 2);
    const px = pad(out.x0, out.x1);
    const py = pad(out.y0, out.y1);
    return { x0: out.x0 - px, x1: out.x1 + px, y0: out.y0 - py, y1: out.y1 + py };
  }

  /**
   * The rows of a view that pass: of all origins together, or of each. Only filters that the
   * reader sees count.
   * @param {boolean} together @param {string} [level]
   */
  view(together, level = this.level) {
    const made = this.made(together, level);
    if (made.flows === this.flows) return { flows: made.flows, passing: this.passing };
    this.hideAlike(this.facets, made.facets);
    const seen = made.facets.filter((one) => this.facets.some((other) => other.key === one.key));
    const { passes } = filter.mask(made.flows, seen, this.chosen, made.periods);
    const passing = [];
    for (let i = 0; i < made.flows.n; i++) {
      if (passes[i] && (!this.only || made.flows.pane.codes[i] === this.only)) passing.push(i);
    }
    return { flows: made.flows, passing };
  }

  /** The published rows behind what is shown and chosen, whatever they are summed by. */
  published() {
    const { flows, passing } = this.view(this.together, "");
    const { place, pair } = this.chosen;
    const { nodes, hub } = this.model;
    const on = (/** @type {number} */ node) => {
      const ground = groundOf(nodes, node);
      return (/** @type {number} */ end) => ground[end] === "same" || ground[end] === "inside";
    };
    let rows = passing;
    if (place) {
      const here = on(place);
      rows = passing.filter((i) => here(flows.origin[i]) || here(flows.destination[i]));
    } else if (pair) {
      const from = pair[0] === hub ? () => true : on(pair[0]);
      const to = on(pair[1]);
      rows = passing.filter((i) => from(flows.origin[i]) && to(flows.destination[i]));
    }
    return { flows, rows };
  }

  /** What follows the figure on a line: its measure, where the lines count several things. */
  counted() {
    const { measure } = this.strands;
    const several = new Set(this.front.map((s) => measure[s])).size > 1;
    return (/** @type {number} */ s) =>
      several ? ` ${words.name(this.flows.measure.texts[measure[s]])}` : "";
  }

  /** Whether there is a view of all origins together that the filters leave whole. */
  get hasTogether() {
    return this.model.whereTo !== null && !this.hidesOrigins();
  }

  headlines() {
    const { model } = this;
    if (model.panes.length > 1) {
      return this.panes.flatMap(({ code, title }) =>
        this.within(code, () => ofPane(model, this.view(false, ""), title)),
      );
    }
    return headlines(this.model, this.view(false, ""), this.view(this.together, ""));
  }

  /** What is shown, in a sentence or two. */
  status() {
    const { model, chosen } = this;
    const flows = this.flows;
    const passing = this.passing;
    const { status } = words.TEXT;
    if (flows.n === 0) return model.statements ? status.noStatements : status.noFlows;
    const noun = words.noun(model.statements);
    const all = words.plural(flows.n, noun);
    const hidden = passing.length - this.placed;
    let text =
      passing.length < flows.n
        ? status.some(passing.length, all)
        : flows.n === 1
          ? status.only(noun)
          : status.all(all);
    if (hidden) text += status.unplaced(hidden);
    text += ".";
    if (chosen.place) {
      const n = this.rows().length;
      text += ` ${status.chosen(words.name(model.nodes.name[chosen.place]), n)}`;
    }
    if (this.partly) text += ` ${status.partly(this.partly)}`;
    if (this.level && !chosen.place) text += ` ${words.TEXT.summedBy(words.level(this.level))}`;
    if (!this.front.length && this.shaded.size) text += ` ${words.TEXT.onlyShaded}`;
    if (this.change) text += ` ${words.TEXT.changeMeans}`;
    return text;
  }
}
