/** The app: what is chosen, what follows from it, and what a reader does with it. */

/** @import { Box, Chosen, Model, Theme } from "../core/types.ts" */
/** @import { View } from "./paint.js" */
/** @import { Parts } from "./page.js" */

import { Reading, beginning, levelsOf } from "../core/reading.js";
import * as address from "../core/address.js";
import { distance } from "../core/curves.js";
import { wholeOf } from "../core/ground.js";
import { TEXT, name } from "../core/words.js";
import { Look } from "./look.js";
import { legend } from "./legend.js";
import { filters } from "./filters.js";
import { panel, lineTip, placeTip } from "./panel.js";
import { paperMap } from "./export.js";
import { paperTable } from "./table.js";
import * as paint from "./paint.js";
import { el, refill, said } from "./dom.js";

/** @typedef {{ leaflet: any, layer: any, code: number, title: string, box: HTMLElement }} Pane */

const SURFACES = /** @type {const} */ ([
  "sea",
  "land",
  "border",
  "coast",
  "ink",
  "quiet",
  "paper",
  "raised",
  "rule",
  "accent",
]);
const PAPER_ROWS = 400;
const TEXT_SIZE = 12.5;
const MANY = 2000; // rows beyond which the words follow when the reader pauses
const NARROW = 960; // pixels under which the panel lies under the map
const SEEN = 200; // pixels of the map that an answer on a small screen leaves in sight
const TALL = 640; // of a page in a cell that is not seen yet

/** @param {string} text */
const query = (text) => window.matchMedia(text).matches;

/** Whether the page stands in a frame, as in a notebook. */
export const framed = () => window.self !== window.top;

export class App {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.start = beginning(model);
    /** @type {Chosen} */
    this.chosen = { ...this.start };
    this.reading = new Reading(model, this.chosen);
    this.look = new Look(model, this.reading, model.style.themes[0], TEXT_SIZE);
    /** @type {Pane[]} */
    this.panes = [];
    /** @type {Parts | null} of the page; null where only the flows are drawn */
    this.parts = null;
    this.fitted = false;
    this.arranging = false;
    this.started = false;
    this.answering = 0;
    /** the flows that the time bar, the filters and the legend were built of @type {unknown} */
    this.built = null;
    this.hovering = 0;
    this.waiting = 0;
    this.writing = 0;
    /** @type {((state: import("../core/messages.js").Tell) => void) | null} a widget around the page */
    this.listener = null;
    this.wrote = "";
    this.lastView = { scale: 2 ** 6, left: 0, top: 0, width: 900, height: TALL };
    /** @type {{ pane: Pane, x: number, y: number } | null} */
    this.pointer = null;
  }

  /* ── The address ─────────────────────────────────────────────────────────── */

  /** @param {string} hash */
  readAddress(hash) {
    const levels = ["auto", ...levelsOf(this.model)];
    Object.assign(this.chosen, address.read(this.model, hash, this.start, levels));
    this.reading.useLevel();
    address.readFilters(hash, this.chosen, this.reading.facets, this.reading.periods);
    this.reading.filter();
  }

  /** @param {boolean} [here] without an entry of its own in the history */
  remember(here) {
    if (!this.parts) return;
    clearTimeout(this.writing);
    this.writing = window.setTimeout(() => {
      const text = this.address();
      if (this.listener) this.listener(this.state(text));
      if (window.location.hash.replace(/^#/, "") === text) return;
      this.wrote = `#${text}`;
      /* a frame's address is its page's, so that only its hash may be set */
      if (here && !framed()) window.history.replaceState(null, "", `#${text}`);
      else window.location.hash = text;
    }, 250);
  }

  address() {
    const { facets, periods } = this.reading;
    return address.write(this.model, this.chosen, this.start, facets, periods);
  }

  /**
   * What is chosen, and the published flows that it leaves.
   * @param {string} state @returns {import("../core/messages.js").Tell}
   */
  state(state) {
    const { model, reading, chosen } = this;
    const place = chosen.place ? model.nodes.id[chosen.place] || "" : "";
    const { flows, rows } = reading.published();
    const view = flows === model.whereTo ? "where to" : "who sends";
    return {
      linemap: 1,
      kind: "state",
      state,
      place,
      view,
      flows: rows.map((i) => flows.id(i) || ""),
    };
  }

  async copyLink() {
    const text = this.address();
    const link = `${window.location.href.replace(/#.*$/, "")}#${text}`;
    try {
      await navigator.clipboard.writeText(link);
      this.announce(TEXT.copied);
    } catch {
      window.location.hash = text;
      this.announce(TEXT.copyByHand);
    }
  }

  /* ── Colours ─────────────────────────────────────────────────────────────── */

  chooseTheme() {
    const { themes } = this.model.style;
    const named = (/** @type {string} */ text) =>
      themes.find((one) => one.name === text) || themes[0];
    const { theme } = this.chosen;
    if (query("(forced-colors: active)")) this.look.theme = this.forced();
    else if (theme !== "auto") this.look.theme = named(theme);
    else if (query("(prefers-contrast: more)")) this.look.theme = named("contrast");
    else this.look.theme = named(query("(prefers-color-scheme: dark)") ? "dark" : "light");
    this.wear(this.look.theme);
  }

  /** @returns {Theme} the system's own colours */
  forced() {
    const { bandLabels } = this.model.style;
    return {
      name: "forced",
      sea: "Canvas",
      land: "Canvas",
      border: "GrayText",
      coast: "CanvasText",
      ink: "CanvasText",
      quiet: "CanvasText",
      paper: "Canvas",
      raised: "Canvas",
      rule: "CanvasText",
      accent: "Highlight",
      node: "CanvasText",
      series: ["CanvasText", "LinkText", "Highlight"],
      other: "GrayText",
      bands: bandLabels.map(() => "CanvasText"),
    };
  }

  /** @param {Theme} theme */
  wear(theme) {
    const { style } = document.documentElement;
    for (const key of SURFACES) style.setProperty(`--${key}`, theme[key]);
    style.setProperty("color-scheme", theme.name === "dark" ? "dark" : "light");
  }

  /** The look for a file or for paper: the system's own colours mean nothing elsewhere. */
  paperLook(theme = this.look.theme) {
    return this.look.as(theme.name === "forced" ? this.model.style.themes[0] : theme);
  }

  /** Whether there is more than one picture to choose from. */
  get offersPictures() {
    const { statements, origins, whereTo, panes } = this.model;
    return !statements && (origins > 1 || whereTo !== null) && panes.length === 1;
  }

  nearness() {
    const zoom = this.panes.length ? this.panes[0].leaflet.getZoom() : 7;
    return paint.nearness(this.reading.slim, zoom);
  }

  /* ── What is chosen ──────────────────────────────────────────────────────── */

  repaint() {
    for (const pane of this.panes) pane.layer.repaint();
  }

  /** All words and both other views. */
  refresh() {
    const { parts } = this;
    if (!parts) return;
    if (this.reading.flows !== this.built) this.rebuild();
    this.keepFocus(parts.chosen, () => refill(parts.chosen, panel(this)));
    /* of several maps, the first heading is the one that the focus goes to */
    const heads = parts.chosen.querySelectorAll("#linemap-chosen");
    for (const head of [...heads].slice(1)) head.removeAttribute("id");
    parts.chosen.classList.toggle("sheet", this.hasChosen());
    this.say();
    if (this.chosen.view === "table") parts.table.refresh();
    if (this.chosen.view === "origins") parts.multiples.refresh();
  }

  /** The figures at the head and the sentence under the map. */
  say() {
    const { parts } = this;
    if (!parts) return;
    parts.status.textContent = this.reading.status();
    parts.figures();
    for (const [key, tab] of parts.pictures) {
      tab.setAttribute("aria-pressed", String(key === this.reading.picture));
    }
  }

  /** @param {string} text for those who do not see what changed */
  announce(text) {
    if (!this.parts) return;
    this.parts.live.textContent = "";
    this.parts.live.textContent = text;
  }

  /**
   * Build a part anew without losing the focus of what is in it.
   * @param {Element} box @param {() => void} act
   */
  keepFocus(box, act) {
    const active = document.activeElement;
    const inside = active && box.contains(active) ? active.id : null;
    act();
    if (inside === null || inside === undefined) return;
    const next = inside ? document.getElementById(inside) : null;
    if (next instanceof HTMLElement && box.contains(next) && !next.hasAttribute("disabled")) {
      next.focus({ preventScroll: true });
    } else {
      const first = box.querySelector("[tabindex], button:not([disabled])");
      if (first instanceof HTMLElement) first.focus({ preventScroll: true });
    }
  }

  hasChosen() {
    const { place, pair, elsewhere } = this.chosen;
    return place > 0 || pair !== null || elsewhere !== "";
  }

  /** A filter moved: at most one answer a frame, however fast it moves. */
  changed() {
    for (const pane of this.panes) pane.layer.touch();
    if (this.answering) return;
    this.answering = requestAnimationFrame(() => {
      this.answering = 0;
      this.reading.filter();
      this.repaint();
      this.say();
      clearTimeout(this.waiting);
      this.waiting = window.setTimeout(
        () => {
          this.refresh();
          this.announce(this.reading.status());
        },
        this.reading.flows.n > MANY ? 160 : 0,
      );
      this.remember();
    });
  }

  /** A filter was changed in one place: its other switch must follow, without losing the focus. */
  switched() {
    const { parts } = this;
    if (!parts) return;
    this.keepFocus(parts.filters, () => refill(parts.filters, filters(this)));
    this.keepFocus(parts.legend, () => refill(parts.legend, legend(this)));
    this.changed();
  }

  /**
   * @param {number} node 0 for none
   * @param {{ go?: boolean }} [options] go: the focus goes to the answer
   */
  select(node, { go } = {}) {
    const place = wholeOf(this.model.nodes, node);
    Object.assign(this.chosen, { place, pair: null, elsewhere: "" });
    this.turned(Boolean(go));
    if (node && (go || this.free() < this.panes[0].leaflet.getSize().y)) this.bringIntoView(node);
  }

  /** @param {string} town */
  selectElsewhere(town) {
    Object.assign(this.chosen, { place: 0, pair: null, elsewhere: town });
    this.turned(true);
  }

  /** @param {[number, number]} pair */
  pin(pair) {
    Object.assign(this.chosen, { place: 0, pair, elsewhere: "" });
    this.turned(false);
  }

  /** @param {"to" | "pairs"} picture */
  showPicture(picture) {
    Object.assign(this.chosen, { picture, place: 0, pair: null, elsewhere: "" });
    this.turned(false);
    if (this.fitted) this.fit();
  }

  /** Something else is chosen. @param {boolean} go */
  turned(go) {
    const { parts } = this;
    this.reading.filter();
    this.repaint();
    this.refresh();
    this.remember();
    if (!parts) return;
    refill(parts.legend, legend(this));
    parts.tip.hidden = true;
    parts.side.scrollTop = 0;
    parts.chosen.scrollTop = 0;
    const { place, elsewhere } = this.chosen;
    if (place) this.announce(`${name(this.model.nodes.name[place])}. ${this.reading.status()}`);
    else this.announce(elsewhere ? `${elsewhere}: ${TEXT.notOnMap}` : this.reading.status());
    if (go)
      document
        .getElementById("linemap-chosen")
        ?.focus({ preventScroll: window.innerWidth > NARROW });
  }

  /** @param {number} node */
  bringIntoView(node) {
    const { x, y } = this.model.nodes;
    if (Number.isNaN(x[node]) || this.chosen.view !== "map") return;
    const { leaflet, box } = this.panes[0];
    const at = leaflet.unproject(L.point(x[node], y[node]), 0);
    if (this.uncovered() < SEEN) box.scrollIntoView({ block: "start" });
    const free = this.free();
    const point = leaflet.latLngToContainerPoint(at);
    const edge = Math.min(30, free / 4);
    const size = leaflet.getSize();
    const seen =
      point.x > edge && point.x < size.x - edge && point.y > edge && point.y < free - edge;
    if (!seen) leaflet.panBy([point.x - size.x / 2, point.y - free / 2]);
  }

  /** How many pixels lie between the map's top and the sheet that rises on a small screen. */
  uncovered() {
    const sheet = this.parts?.chosen;
    if (!sheet || getComputedStyle(sheet).position !== "fixed") return Infinity;
    return sheet.getBoundingClientRect().top - this.panes[0].box.getBoundingClientRect().top;
  }

  /** How many pixels of the map's height a sheet leaves in sight. */
  free() {
    const high = this.panes[0].leaflet.getSize().y;
    const above = this.uncovered();
    return above > 80 ? Math.min(high, above) : high;
  }

  /** @param {Chosen["view"]} view */
  show(view) {
    const { parts } = this;
    if (!parts) return;
    const before = this.reading.level;
    this.chosen.view = view;
    if (this.reading.level !== before) {
      this.reading.filter();
      this.rebuild();
      this.repaint();
    }
    for (const [key, tab] of parts.tabs) tab.setAttribute("aria-pressed", String(key === view));
    for (const [key, box] of parts.views) box.hidden = key !== view;
    if (view === "map") for (const pane of this.panes) this.resized(pane);
    this.refresh();
    this.remember();
  }

  recoloured() {
    this.rebuild();
    this.repaint();
    this.refresh();
    this.remember();
  }

  rethemed() {
    this.chooseTheme();
    this.recoloured();
  }

  /** @param {string} level */
  levelChosen(level) {
    Object.assign(this.chosen, { level, place: 0, pair: null });
    this.reading.useLevel();
    this.recoloured();
    this.announce(this.reading.status());
  }

  rebuild() {
    const { parts } = this;
    if (!parts) return;
    this.built = this.reading.flows;
    this.keepFocus(parts.legend, () => refill(parts.legend, legend(this)));
    this.keepFocus(parts.filters, () => refill(parts.filters, filters(this)));
    this.keepFocus(parts.timebar.box, () => parts.timebar.build());
  }

  reset() {
    const { periods, facets } = this.reading;
    Object.assign(this.chosen, { min: 0, undated: true, change: false, most: this.start.most });
    if (periods) Object.assign(this.chosen, { from: periods.low, to: periods.high });
    for (const one of facets) one.off = new Set();
    this.reading.filter();
    this.rebuild();
    this.changed();
  }

  /** Whether counts of windows of different length stand beside each other. */
  windowsDiffer() {
    return new Set(this.reading.windows.map(([a, b]) => b - a)).size > 1;
  }

  /* ── The map ─────────────────────────────────────────────────────────────── */

  /** What lies over a map: the legend, the buttons, the status, its title. @param {any} map @returns {Box[]} */
  obstacles(map) {
    const { parts } = this;
    if (!parts) return [];
    const inside = map.getContainer().getBoundingClientRect();
    const pane = this.panes.find((one) => one.leaflet === map);
    const over = [parts.legendBox, parts.zoom, parts.status];
    const heading = pane?.box.parentElement?.querySelector(".pane-title");
    return [...over, heading]
      .filter((one) => one instanceof Element)
      .map((one) => one.getBoundingClientRect())
      .filter((r) => r.width > 0 && r.right > inside.left && r.left < inside.right)
      .map((r) => ({
        x0: r.left - inside.left - 3,
        x1: r.right - inside.left + 3,
        y0: r.top - inside.top - 3,
        y1: r.bottom - inside.top + 3,
      }));
  }

  fit() {
    const { parts } = this;
    this.fitted = this.arranging = true;
    const e = this.reading.extent();
    const { leaflet } = this.panes[0];
    const corner = (/** @type {number} */ x, /** @type {number} */ y) =>
      leaflet.unproject(L.point(x, y), 0);
    const size = leaflet.getSize();
    const rect = (/** @type {Element | undefined} */ one) =>
      one?.getBoundingClientRect() || { width: 0, height: 0 };
    const key = rect(parts?.legendBox);
    const left = parts?.legendBox.open && key.width < size.x * 0.4 ? key.width + 24 : 30;
    const top = this.panes.length > 1 ? 54 : left > 30 || !parts ? 30 : key.height + 20;
    leaflet.fitBounds(L.latLngBounds(corner(e.x0, e.y1), corner(e.x1, e.y0)), {
      paddingTopLeft: [left, Math.min(top, size.y / 4)],
      paddingBottomRight: [rect(parts?.zoom).width + 30, rect(parts?.status).height + 28],
      animate: false,
      maxZoom: 10,
    });
    this.arranging = false;
  }

  /** The page has another size: all flows stay in sight until the reader has moved the map. @param {Pane} pane */
  resized(pane) {
    if (!this.started) return;
    this.arranging = true;
    pane.leaflet.invalidateSize({ animate: false });
    this.arranging = false;
    if (this.fitted && pane === this.panes[0] && pane.leaflet.getSize().y > 0) this.fit();
  }

  moved() {
    if (!this.arranging) this.fitted = false;
    const { leaflet } = this.panes[0];
    const at = leaflet.getCenter();
    this.chosen.at = this.fitted
      ? ""
      : `${at.lat.toFixed(3)}_${at.lng.toFixed(3)}_${leaflet.getZoom()}`;
    if (this.started) this.remember(true);
  }

  /** The reader came nearer or went further off. */
  rescaled() {
    if (!this.started) return;
    const before = this.reading.level;
    this.reading.zoom = this.panes[0].leaflet.getZoom();
    if (this.reading.level !== before) {
      this.reading.useLevel();
      this.repaint();
      this.refresh();
    }
    if (this.parts) refill(this.parts.legend, legend(this));
  }

  lookAround() {
    const found = /^(-?[\d.]+)_(-?[\d.]+)_([\d.]+)$/.exec(this.chosen.at);
    if (!found) this.fit();
    else
      this.panes[0].leaflet.setView([Number(found[1]), Number(found[2])], Number(found[3]), {
        animate: false,
      });
    this.reading.zoom = this.panes[0].leaflet.getZoom();
    if (this.chosen.level === "auto") this.reading.useLevel();
  }

  /** @param {Pane} pane */
  paneKey(pane) {
    return this.model.panes.length > 1 ? pane.code : 0;
  }

  /** The view that the map shows now, or showed last, without its bleed. @returns {View} */
  shown() {
    const map = this.panes[0].leaflet;
    const inside = map.getSize();
    if (inside.x > 0 && inside.y > 0) {
      const zoom = map.getZoom();
      const corner = map.project(map.getCenter(), zoom).subtract(inside.divideBy(2));
      this.lastView = {
        scale: 2 ** zoom,
        left: corner.x,
        top: corner.y,
        width: inside.x,
        height: inside.y,
      };
      return this.lastView;
    }
    const { width, height } = this.lastView;
    return this.around(width, height);
  }

  /** A view of a size around all flows. @param {number} width @param {number} height @returns {View} */
  around(width, height) {
    const e = this.reading.extent();
    const scale = Math.min(width / (e.x1 - e.x0), height / (e.y1 - e.y0)) * 0.86;
    return {
      scale,
      width,
      height,
      left: ((e.x0 + e.x1) / 2) * scale - width / 2,
      top: ((e.y0 + e.y1) / 2) * scale - height / 2,
    };
  }

  /** The node or the line under a point of the map. @param {Pane} pane @param {{ x: number, y: number }} point */
  under(pane, point) {
    const { reading, look, model } = this;
    const view = this.shown();
    const code = this.paneKey(pane);
    for (const node of reading.order) {
      if (!look.shows(node, code)) continue;
      const dx = model.nodes.x[node] * view.scale - view.left - point.x;
      const dy = model.nodes.y[node] * view.scale - view.top - point.y;
      if (Math.hypot(dx, dy) <= reading.radius(node, code) + 5) return { node, line: -1 };
    }
    let best = -1;
    let least = Infinity;
    const c = paint.blank();
    for (const s of reading.front) {
      const pair = reading.strands.pair[s];
      if (reading.curves.kind[pair] !== 1 || (code && reading.pairs.pane[pair] !== code)) continue;
      paint.curveOf(look, view, s, c);
      const half = paint.thickness(look, view, s) / 2;
      const reach = 5 + half;
      if (
        point.x < Math.min(c.ax, c.bx, c.cx) - reach ||
        point.x > Math.max(c.ax, c.bx, c.cx) + reach
      )
        continue;
      if (
        point.y < Math.min(c.ay, c.by, c.cy) - reach ||
        point.y > Math.max(c.ay, c.by, c.cy) + reach
      )
        continue;
      const far = distance(c, point.x, point.y) - half;
      if (far < least && far <= 5) {
        least = far;
        best = s;
      }
    }
    return best >= 0 ? { node: 0, line: best } : null;
  }

  /** @param {Pane} pane @param {{ x: number, y: number }} point */
  click(pane, point) {
    const { reading, model, chosen } = this;
    const hit = this.under(pane, point);
    if (!hit) {
      if (this.hasChosen()) this.select(0);
    } else if (hit.node) {
      const again = wholeOf(model.nodes, hit.node) === chosen.place;
      this.select(again || hit.node === model.hub ? 0 : hit.node);
    } else {
      const pair = reading.strands.pair[hit.line];
      const [a, b] = [reading.pairs.origin[pair], reading.pairs.destination[pair]];
      if (a === model.hub) this.select(b);
      else this.pin([a, b]);
    }
  }

  /** What is under a point, in words; null if nothing is. @param {Pane} pane @param {{ x: number, y: number }} point */
  told(pane, point) {
    const hit = this.under(pane, point);
    if (!hit) return null;
    return hit.node ? placeTip(this, hit.node, this.paneKey(pane)) : lineTip(this, hit.line);
  }

  /** @param {Pane} pane @param {PointerEvent} event */
  hover(pane, event) {
    const { parts } = this;
    if (!parts) return;
    this.pointer = { pane, x: event.clientX, y: event.clientY };
    if (this.hovering) return;
    this.hovering = requestAnimationFrame(() => {
      this.hovering = 0;
      if (!this.pointer) return;
      const { pane: here, x, y } = this.pointer;
      const box = here.box.getBoundingClientRect();
      const text = this.told(here, { x: x - box.left, y: y - box.top });
      here.box.classList.toggle("over", text !== null);
      parts.tip.hidden = !text;
      if (!text) return;
      refill(parts.tip, text);
      const { offsetWidth: wide, offsetHeight: high } = parts.tip;
      const left = x + 16 + wide > window.innerWidth ? x - wide - 12 : x + 16;
      const top = Math.min(y + 14, window.innerHeight - high - 8);
      parts.tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
    });
  }

  /* ── Paper ───────────────────────────────────────────────────────────────── */

  /** The map, or the table where that is what the reader sees: light, on white. */
  print() {
    const { parts, model } = this;
    if (!parts) return;
    const light = model.style.themes[0];
    const look = this.paperLook(light);
    this.wear(light);
    const screen = this.look;
    this.look = look;
    const view = this.around(this.panes.length > 1 ? 346 : 700, 560);
    const maps = this.panes.map((pane) =>
      el(
        "figure",
        null,
        pane.title ? el("figcaption", null, said(pane.title)) : null,
        paperMap(this, look, view, pane),
      ),
    );
    const table = this.chosen.view === "table";
    parts.paper.parentElement?.classList.toggle("wide-paper", table);
    refill(
      parts.paper,
      table
        ? el("div", { class: "paper-table" }, paperTable(this, PAPER_ROWS))
        : [
            el("div", { class: "paper-maps" }, maps),
            el("div", { class: "paper-legend" }, legend(this)),
          ],
      el("p", null, this.reading.status()),
      el(
        "ul",
        { class: "paper-caveats" },
        model.caveats.map((text) => el("li", null, said(text))),
      ),
      el("p", null, said(model.basis)),
      el("p", null, said(model.attributions.join("; "))),
    );
    this.look = screen;
  }
}
