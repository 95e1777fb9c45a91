/** The page: its head, its views, its side, its foot; and its maps. */

/** @import { App, Pane } from "./app.js" */
/** @import { Chosen } from "../core/types.ts" */

import { framed } from "./app.js";
import { canvasLayer } from "./canvas.js";
import { csv, savePng, saveSvg } from "./export.js";
import { multiples } from "./multiples.js";
import { search } from "./search.js";
import { select } from "./filters.js";
import { table } from "./table.js";
import { timebar } from "./timebar.js";
import * as paint from "./paint.js";
import { button, el, fill, refill, said } from "./dom.js";
import { TEXT } from "../core/words.js";

const FEW = 4; // key numbers that stand beside the title

/**
 * @typedef {object} Parts
 * @property {[Chosen["view"], HTMLButtonElement][]} tabs
 * @property {[Chosen["view"], HTMLElement][]} views
 * @property {[Chosen["picture"], HTMLButtonElement][]} pictures
 * @property {HTMLElement} status
 * @property {HTMLElement} live what changed, for those who do not see it
 * @property {HTMLElement} legend
 * @property {HTMLDetailsElement} legendBox
 * @property {HTMLElement} zoom
 * @property {HTMLElement} chosen
 * @property {HTMLElement} filters
 * @property {HTMLElement} side
 * @property {HTMLElement} paper
 * @property {HTMLElement} tip
 * @property {ReturnType<typeof table>} table
 * @property {ReturnType<typeof multiples>} multiples
 * @property {ReturnType<typeof timebar>} timebar
 * @property {() => void} figures
 * @property {{ title: string, box: HTMLElement, holder: HTMLElement, index: number }[]} maps
 */

/** @param {App} app @param {HTMLElement} box */
function figures(app, box) {
  const all = app.reading.headlines();
  box.classList.toggle("many", all.length > FEW);
  refill(
    box,
    all.map((one) =>
      el(
        "div",
        null,
        el("dt", null, said(one.label)),
        el("dd", { class: "value" }, said(one.value)),
        one.note ? el("dd", { class: "note" }, said(one.note)) : null,
      ),
    ),
  );
}

/** @param {App} app */
function about(app) {
  const { model } = app;
  const { tiles } = model;
  return [
    el(
      "ul",
      null,
      model.caveats.map((text) => el("li", null, said(text))),
    ),
    el("p", null, said(model.basis)),
    tiles?.host
      ? el(
          "p",
          null,
          `${TEXT.tilesFrom} `,
          said(tiles.host),
          `, ${TEXT.tilesSee} `,
          said(tiles.attribution || ""),
        )
      : null,
    el("h3", null, TEXT.placesAndBoundaries),
    el(
      "ul",
      null,
      model.attributions.map((text) => el("li", null, said(text))),
    ),
    el("p", { class: "quiet" }, TEXT.madeWith),
  ];
}

/** @param {App} app @param {Element} root */
export function build(app, root) {
  const { model, chosen } = app;
  const unseenHeading = (/** @type {string} */ text) => el("h2", { class: "unseen" }, text);
  /** @type {[Chosen["view"], string][]} */
  const names = [
    ["map", TEXT.views.map],
    ["origins", TEXT.views.origins],
    ["table", TEXT.views.table],
  ];
  /** @type {Parts["tabs"]} */
  const tabs = names.map(([key, text]) => [
    key,
    el(
      "button",
      { type: "button", class: "tab", "aria-pressed": "false", on: { click: () => app.show(key) } },
      text,
    ),
  ]);
  /** @type {Parts["pictures"]} */
  const pictures = /** @type {const} */ (["to", "pairs"]).map((key) => [
    key,
    el(
      "button",
      {
        type: "button",
        class: "picture",
        "aria-pressed": String(chosen.picture === key),
        on: { click: () => app.showPicture(key) },
      },
      TEXT.pictures[key],
    ),
  ]);
  const maps = model.panes.map((title, index) => {
    const box = el("div", {
      class: "map",
      role: "region",
      tabindex: 0,
      "aria-label": title ? `${TEXT.mapOfFlows}: ${title}` : TEXT.mapOfFlowsAll,
    });
    const heading = title ? el("h2", { class: "pane-title" }, said(title)) : null;
    return { title, box, holder: el("div", { class: "pane" }, heading, box), index };
  });
  const legend = el("div", { class: "legend-body" });
  const legendBox = el(
    "details",
    { class: "legend" },
    el("summary", null, TEXT.legend.title),
    legend,
  );
  const status = el("p", { class: "status" });
  const live = el("p", { class: "unseen", role: "status" });
  const chosenBox = el("section", { class: "chosen", "aria-label": TEXT.selection });
  const filters = el("div", { class: "filters" });
  const bar = timebar(app);
  const rows = table(app);
  const small = multiples(app);
  const paper = el("div", { class: "paper" });
  const tip = el("div", { class: "tip", hidden: true });
  const zoom = zoomButtons(app);
  const numbers = el("dl", { class: "figures" });
  const mapView = el(
    "section",
    { class: "view map-view", "aria-label": TEXT.views.map },
    unseenHeading(TEXT.views.map),
    el(
      "div",
      { class: "map-box" },
      el(
        "div",
        { class: `panes panes-${model.panes.length}` },
        maps.map((map) => map.holder),
      ),
      legendBox,
      status,
      zoom,
    ),
    bar.box,
  );
  const originsView = el(
    "section",
    { class: "view origins-view", "aria-label": TEXT.views.origins, hidden: true },
    unseenHeading(TEXT.views.origins),
    small.box,
  );
  const tableView = el(
    "section",
    { class: "view table-view", "aria-label": TEXT.views.table, hidden: true },
    unseenHeading(TEXT.views.table),
    rows.box,
  );
  const box = (
    /** @type {string} */ title,
    /** @type {import("../core/types.ts").Children[]} */ ...inside
  ) => el("details", { class: "box" }, el("summary", null, title), ...inside);
  const filterBox = box(TEXT.filters, filters);
  const aboutBox = box(TEXT.about, el("div", { class: "about" }, about(app)));
  const side = el(
    "aside",
    { class: "side", "aria-label": TEXT.details },
    chosenBox,
    filterBox,
    box(
      TEXT.takeAlong,
      el(
        "p",
        { class: "tools" },
        button("CSV", () => csv(app, null)),
        button("SVG", () => saveSvg(app)),
        button("PNG", () => savePng(app)),
        button(TEXT.print, () => window.print()),
        button(TEXT.copyLink, () => app.copyLink()),
      ),
      el("p", { class: "quiet" }, TEXT.embed),
      el(
        "code",
        { class: "snippet" },
        `<iframe src="${window.location.href.split("/").pop()?.split("#")[0] || "map.html"}" width="100%" height="640" title="${TEXT.flowMap}"></iframe>`,
      ),
      el(
        "p",
        { class: "facet pair" },
        select(
          "linemap-theme",
          TEXT.themes,
          [
            ["auto", TEXT.themeNames.auto],
            ["light", TEXT.themeNames.light],
            ["dark", TEXT.themeNames.dark],
            ["contrast", TEXT.themeNames.contrast],
          ],
          chosen.theme,
          (value) => {
            chosen.theme = value;
            app.rethemed();
          },
        ),
      ),
    ),
    aboutBox,
  );
  root.className = "linemap";
  refill(root);
  fill(root, [
    el(
      "header",
      { class: "top" },
      el(
        "button",
        {
          type: "button",
          class: "skip",
          on: {
            click: () => {
              app.show("table");
              tabs[2][1].focus();
            },
          },
        },
        TEXT.skip,
      ),
      el(
        "div",
        { class: "titles" },
        el("h1", null, said(model.title)),
        model.subtitle ? el("p", { class: "subtitle" }, said(model.subtitle)) : null,
      ),
      numbers,
    ),
    el(
      "nav",
      { class: "bar", "aria-label": TEXT.viewsName },
      el(
        "div",
        { class: "tabs" },
        tabs.map(([, tab]) => tab),
      ),
      app.offersPictures
        ? el(
            "div",
            { class: "pictures", role: "group", "aria-label": TEXT.picture },
            pictures.map(([, one]) => one),
          )
        : null,
      search(app),
    ),
    el(
      "main",
      { class: "body" },
      el("div", { class: "stage" }, mapView, originsView, tableView),
      side,
    ),
    el(
      "footer",
      { class: "foot" },
      el("p", null, said(model.caveats[0] || "")),
      el("p", { class: "quiet" }, said(model.basis)),
    ),
    live,
    paper,
    tip,
  ]);
  legendBox.open = window.innerWidth > (model.panes.length > 1 ? 1500 : 1100);
  filterBox.open = window.innerWidth > 1000;
  aboutBox.open = window.innerWidth > 1000;
  app.parts = {
    tabs,
    views: [
      ["map", mapView],
      ["origins", originsView],
      ["table", tableView],
    ],
    pictures,
    status,
    live,
    legend,
    legendBox,
    zoom,
    chosen: chosenBox,
    filters,
    side,
    paper,
    tip,
    table: rows,
    multiples: small,
    timebar: bar,
    figures: () => figures(app, numbers),
    maps,
  };
}

/** @param {App} app */
function zoomButtons(app) {
  const one = (
    /** @type {string} */ text,
    /** @type {string} */ name,
    /** @type {() => void} */ act,
  ) => button(text, act, { class: null, "aria-label": name, title: name });
  return el(
    "div",
    { class: "zoom" },
    one("+", TEXT.zoomIn, () => app.panes[0].leaflet.zoomIn()),
    one("−", TEXT.zoomOut, () => app.panes[0].leaflet.zoomOut()),
    one("⤢", TEXT.showAllFlows, () => app.fit()),
  );
}

/** In a frame the wheel scrolls the page around it, until the reader has clicked on the map. @param {any} leaflet @param {HTMLElement} box */
function wheel(leaflet, box) {
  if (!framed()) return;
  leaflet.scrollWheelZoom.disable();
  box.title = TEXT.clickToZoom;
  leaflet.on("click", () => {
    leaflet.scrollWheelZoom.enable();
    box.removeAttribute("title");
  });
  box.addEventListener("pointerleave", () => leaflet.scrollWheelZoom.disable());
}

/** @param {App} app */
function bounds(app) {
  const e = app.reading.extent();
  const all = app.model.base.detail(0).land.reduce(
    (sum, { box }) => ({
      x0: Math.min(sum.x0, box.x0),
      y0: Math.min(sum.y0, box.y0),
      x1: Math.max(sum.x1, box.x1),
      y1: Math.max(sum.y1, box.y1),
    }),
    e,
  );
  const corner = (/** @type {number} */ x, /** @type {number} */ y) =>
    L.CRS.EPSG3857.pointToLatLng(L.point(x, y), 0);
  return L.latLngBounds(corner(all.x0, all.y1), corner(all.x1, all.y0)).pad(1.5);
}

/** @param {App} app @returns {any[]} what tests and the caller's scripts may use of each map */
export function makeMaps(app) {
  const { model, parts } = app;
  if (!parts) return [];
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const scene = {
    get look() {
      return app.look;
    },
    obstacles: (/** @type {any} */ map) => app.obstacles(map),
  };
  app.panes = parts.maps.map((part) => {
    const leaflet = L.map(part.box, {
      attributionControl: Boolean(model.tiles),
      zoomControl: false,
      zoomSnap: 0.05,
      zoomDelta: 0.75,
      wheelPxPerZoomLevel: 110,
      minZoom: 3,
      maxZoom: 13,
      maxBounds: bounds(app),
      maxBoundsViscosity: 0.7,
      zoomAnimation: !calm,
      inertia: !calm,
      fadeAnimation: !calm,
      keyboardPanDelta: 90,
      center: [54.5, -3],
      zoom: 5,
    });
    if (model.tiles?.address) {
      leaflet.attributionControl.setPrefix(false);
      L.tileLayer(model.tiles.address).addTo(leaflet);
    }
    const code = model.flows.pane.texts.indexOf(String(part.index));
    const layer = canvasLayer(scene, model.panes.length > 1 ? code : 0);
    /** @type {Pane} */
    const pane = { leaflet, layer, code, title: part.title, box: part.box };
    leaflet.on("zoomend", () => app.rescaled());
    leaflet.on("click", (/** @type {any} */ event) => app.click(pane, event.containerPoint));
    part.box.addEventListener("pointermove", (event) => {
      if (event.pointerType !== "touch") app.hover(pane, event);
    });
    part.box.addEventListener("pointerleave", () => {
      parts.tip.hidden = true;
    });
    wheel(leaflet, part.box);
    new ResizeObserver(() => app.resized(pane)).observe(part.box);
    return pane;
  });
  follow(app);
  return app.panes.map((pane) => ({
    leaflet: pane.leaflet,
    app,
    get complete() {
      return app.started && pane.layer.complete;
    },
    drawn: () => drawn(app, pane),
  }));
}

/** Several maps move together. @param {App} app */
function follow(app) {
  let moving = false;
  for (const pane of app.panes) {
    pane.leaflet.on("move", () => {
      if (moving) return;
      moving = true;
      for (const other of app.panes) {
        if (other === pane) continue;
        other.leaflet.setView(pane.leaflet.getCenter(), pane.leaflet.getZoom(), { animate: false });
      }
      moving = false;
    });
    pane.leaflet.on("moveend", () => app.moved());
  }
}

/** What is painted, for tests and for the curious: one entry a line, in the map's pixels. @param {App} app @param {Pane} pane */
function drawn(app, pane) {
  const view = app.shown();
  const { reading, look, model } = app;
  const { strands, curves, pairs, flows } = reading;
  const code = app.paneKey(pane);
  return [...reading.front, ...reading.back]
    .filter((s) => !code || pairs.pane[strands.pair[s]] === code)
    .map((s) => {
      const pair = strands.pair[s];
      const at = (/** @type {Float64Array} */ x, /** @type {Float64Array} */ y) => [
        x[pair] * view.scale - view.left,
        y[pair] * view.scale - view.top,
      ];
      const named = Number.isNaN(strands.count[s]);
      return {
        id: flows.id(strands.first[s]),
        origin: model.nodes.name[pairs.origin[pair]],
        destination: model.nodes.name[pairs.destination[pair]],
        width: paint.thickness(look, view, s),
        colour: look.colourOf(s),
        loop: curves.kind[pair] === 2,
        dashed: named,
        count: named ? null : strands.count[s],
        figures: strands.figures[s],
        from: at(curves.ax, curves.ay),
        control: at(curves.cx, curves.cy),
        to: at(curves.bx, curves.by),
        beside: reading.offset[s] * paint.nearness(reading.slim, Math.log2(view.scale)),
      };
    });
}
