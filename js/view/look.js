/** What painting needs to know: the reading of the data in colours, at a size of text. */

/** @import { Model, Theme } from "../core/types.ts" */
/** @import { Reading } from "../core/reading.js" */

import * as words from "../core/words.js";

export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const RISE = 1; // the series' colour of what has become more, and of what has become less
const FALL = 0;

export class Look {
  /** @param {Model} model @param {Reading} reading @param {Theme} theme @param {number} textSize */
  constructor(model, reading, theme, textSize) {
    this.model = model;
    this.reading = reading;
    this.theme = theme;
    this.textSize = textSize;
    this.font = FONT;
    /** @type {{ of: unknown, sets: Map<number, Set<number>> }} */
    this.panes = { of: null, sets: new Map() };
  }

  /** How the lines are coloured: by what is chosen, unless a change is shown. */
  get colouring() {
    return this.reading.change ? "change" : this.reading.chosen.colour;
  }

  /** @param {number} slot */
  series(slot) {
    return this.theme.series[slot] ?? this.theme.other;
  }

  /** @param {number} node */
  originSlot(node) {
    return this.model.originSlot.get(node) ?? -1;
  }

  /** @param {number} node */
  originColour(node) {
    if (node === this.model.hub) return this.theme.accent;
    return this.colouring === "origin" ? this.series(this.originSlot(node)) : this.theme.node;
  }

  /** The slot of a measure of the view that is shown. @param {number} code */
  measureSlot(code) {
    const { flows, measureSlot } = this.model;
    const text = this.reading.flows.measure.texts[code];
    return measureSlot[flows.measure.texts.indexOf(text) - 1] ?? -1;
  }

  /** @param {number} code */
  measureColour(code) {
    return this.series(this.measureSlot(code));
  }

  /** @param {number} band */
  bandColour(band) {
    return band < 0 ? this.theme.other : this.theme.bands[band];
  }

  /** @param {number} s a line */
  colourOf(s) {
    const { strands, pairs, change } = this.reading;
    const { colouring } = this;
    if (change) {
      if (change.unsure[s]) return this.theme.other;
      return this.series(change.change[s] > 0 ? RISE : FALL);
    }
    if (colouring === "distance") return this.bandColour(strands.band[s]);
    if (colouring === "measure") return this.measureColour(strands.measure[s]);
    const origin = pairs.origin[strands.pair[s]];
    if (colouring === "one" || origin === this.model.hub) return this.theme.accent;
    return this.series(this.originSlot(origin));
  }

  /** The colour of a row of the release. @param {number} i */
  rowColour(i) {
    const { flows } = this.reading;
    const { colouring } = this;
    if (colouring === "distance") return this.bandColour(flows.band[i]);
    if (colouring === "measure") return this.measureColour(flows.measure.codes[i]);
    if (colouring === "origin") return this.series(this.originSlot(flows.origin[i]));
    return this.theme.accent;
  }

  /** The colour of a kind that can be switched, if it has one. @param {string} key @param {number} code */
  kindColour(key, code) {
    const { colouring } = this;
    if (key === "origin" && colouring === "origin") return this.series(this.originSlot(code));
    if (key === "measure" && colouring === "measure") return this.measureColour(code);
    if (key === "band" && colouring === "distance") return this.bandColour(code - 1);
    return null;
  }

  /** Colours and what they mean, for the legend: code of the kind, label, colour. */
  colourRows() {
    const { flows, strands, pairs } = this.reading;
    const { colouring, model } = this;
    if (colouring === "change") {
      return [
        { code: -1, label: words.TEXT.more, colour: this.series(RISE) },
        { code: -1, label: words.TEXT.fewer, colour: this.series(FALL) },
        ...(this.model.rule
          ? [{ code: -1, label: words.TEXT.unsure, colour: this.theme.other }]
          : []),
      ];
    }
    if (colouring === "one") return [];
    const codes = new Set();
    for (let s = 0; s < strands.n; s++) {
      if (colouring === "distance") codes.add(strands.band[s] + 1);
      else if (colouring === "measure") codes.add(strands.measure[s]);
      else codes.add(pairs.origin[strands.pair[s]]);
    }
    /* an origin whose records are only shaded areas has its point and its name in its colour too */
    if (colouring === "origin") {
      for (const node of this.reading.order) if (this.reading.isOrigin[node]) codes.add(node);
    }
    codes.delete(model.hub);
    /** @param {number} code */
    const slot = (code) => {
      if (colouring === "distance") return code - 1;
      return colouring === "measure" ? this.measureSlot(code) : this.originSlot(code);
    };
    const rank = (/** @type {number} */ code) => (slot(code) < 0 ? 99 : slot(code));
    return [...codes]
      .sort((a, b) => rank(a) - rank(b) || a - b)
      .map((code) => {
        if (colouring === "distance") {
          const label = code ? model.style.bandLabels[code - 1] : words.TEXT.noDistance;
          return { code, label, colour: this.bandColour(code - 1) };
        }
        if (colouring === "measure") {
          return {
            code,
            label: words.name(flows.measure.texts[code]),
            colour: this.measureColour(code),
          };
        }
        return {
          code,
          label: words.name(model.nodes.name[code]),
          colour: this.series(this.originSlot(code)),
        };
      });
  }

  /** A figure or a sum of several, marked where they are rounded. @param {number} n */
  amount(n) {
    return words.amount(n, this.model.rule);
  }

  /** The areas that stand out. */
  outlined() {
    const { reading } = this;
    const { chosen } = reading;
    if (!reading.quiet) return new Set();
    return new Set(
      [...reading.near, ...reading.ground].filter(
        (node) => !reading.isOrigin[node] || node === chosen.place,
      ),
    );
  }

  /** The code of the map that a pair is drawn on; 0 where there is one. @param {number} pair */
  paneOf(pair) {
    return this.model.panes.length > 1 ? this.reading.pairs.pane[pair] : 0;
  }

  /** Whether a node is painted in a pane. @param {number} node @param {number} pane */
  shows(node, pane) {
    const { marked } = this.reading;
    return (!marked || marked.has(node)) && (!pane || this.inPane(node, pane));
  }

  /** @param {number} node @param {number} pane */
  inPane(node, pane) {
    const { reading } = this;
    if (this.panes.of !== reading.passing) this.panes = { of: reading.passing, sets: new Map() };
    let set = this.panes.sets.get(pane);
    if (!set) {
      set = new Set();
      for (const i of reading.passing) {
        const pair = reading.pairs.of[i];
        if (reading.pairs.pane[pair] !== pane) continue;
        set.add(reading.pairs.origin[pair]).add(reading.pairs.destination[pair]);
      }
      this.panes.sets.set(pane, set);
    }
    return set.has(node);
  }

  /** The same in other colours. @param {Theme} theme @param {number} [textSize] */
  as(theme, textSize = this.textSize) {
    return new Look(this.model, this.reading, theme, textSize);
  }
}
