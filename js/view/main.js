/**
 * The page opens its own data block; `linemap.layer` draws a payload on a map that somebody else
 * made. No text is ever parsed as HTML or run: texts enter the page as text nodes.
 */

import { read } from "../core/decode.js";
import { App, framed } from "./app.js";
import { READY, ask } from "../core/messages.js";
import { canvasLayer } from "./canvas.js";
import { build, makeMaps } from "./page.js";
import { legend } from "./legend.js";
import { el, said } from "./dom.js";
import { TEXT } from "../core/words.js";

/** @type {{ maps: any[], layer: (base64: string) => any }} */
const api = { maps: [], layer };

/**
 * In steps, between which the browser may answer the reader and paint; in one go where scripts of
 * the caller's own follow, which need the map.
 * @param {Element} block @param {Element} root
 */
async function start(block, root) {
  const atOnce = block.hasAttribute("data-at-once");
  const pause = () => (atOnce ? null : new Promise((done) => setTimeout(done)));
  const model = read(JSON.parse(block.textContent || ""));
  await pause();
  const app = new App(model);
  document.title = app.model.title;
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  app.look.textSize = (12.5 * size) / 16;
  if (window.location.hash.length > 1) app.readAddress(window.location.hash);
  app.chooseTheme();
  build(app, root);
  await pause();
  app.rebuild();
  app.say();
  await pause();
  const maps = makeMaps(app);
  app.lookAround();
  await pause();
  for (const pane of app.panes) pane.layer.addTo(pane.leaflet);
  api.maps = maps;
  await pause();
  app.show(app.chosen.view);
  app.started = true;
  if (app.chosen.place && !app.chosen.at) app.bringIntoView(app.chosen.place);
  listen(app);
  if (framed()) window.parent.postMessage(READY, "*");
}

/** @param {App} app */
function listen(app) {
  for (const text of [
    "(prefers-color-scheme: dark)",
    "(prefers-contrast: more)",
    "(forced-colors: active)",
  ]) {
    window.matchMedia(text).addEventListener("change", () => app.rethemed());
  }
  window.addEventListener("beforeprint", () => app.print());
  window.addEventListener("afterprint", () => app.wear(app.look.theme));
  window.addEventListener("hashchange", () => {
    if (window.location.hash !== app.wrote) go(app, window.location.hash);
  });
  if (framed()) window.addEventListener("message", (event) => asked(app, event));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.target instanceof HTMLInputElement) return;
    if (app.hasChosen()) app.select(0, { go: true });
  });
}

/** @param {App} app @param {string} hash */
function go(app, hash) {
  app.readAddress(hash);
  app.rethemed();
  app.show(app.chosen.view);
  app.lookAround();
}

/**
 * A widget around the page asks to be told what is chosen, or to show it; nobody else is answered.
 * @param {App} app @param {MessageEvent} event
 */
function asked(app, event) {
  if (event.source !== window.parent) return;
  const said = ask(event.data);
  if (!said) return;
  app.listener = (state) => window.parent.postMessage(state, "*");
  if (said.kind === "go" || said.state) go(app, said.state);
  app.listener(app.state(app.address()));
}

/**
 * The flows alone, for a map that somebody else made.
 * @param {string} base64
 */
function layer(base64) {
  const app = new App(read(JSON.parse(atob(base64))));
  app.model.tiles = app.model.tiles || { foreign: true };
  const scene = { look: app.look, obstacles: () => [] };
  const made = canvasLayer(scene, 0);
  made.getBounds = () => {
    const e = app.reading.extent();
    const corner = (/** @type {number} */ x, /** @type {number} */ y) =>
      L.CRS.EPSG3857.pointToLatLng(L.point(x, y), 0);
    return L.latLngBounds(corner(e.x0, e.y1), corner(e.x1, e.y0));
  };
  made.on("add", (/** @type {any} */ event) => tell(app, event.target));
  return made;
}

/**
 * What every map says: its legend, caveats and rule, folded in a corner.
 * @param {App} app
 */
function keyOf(app) {
  const { model } = app;
  const texts = [...model.caveats, model.basis, ...model.attributions];
  const box = el(
    "details",
    { class: "linemap-key" },
    el("summary", null, TEXT.legend.title),
    legend(app),
    el(
      "ul",
      null,
      texts.map((text) => el("li", null, said(text))),
    ),
  );
  L.DomEvent.disableClickPropagation(box);
  L.DomEvent.disableScrollPropagation(box);
  const Key = L.Control.extend({ onAdd: () => box });
  return new Key({ position: "bottomleft" });
}

/**
 * On such a map a tooltip tells the line or the place under the pointer, and the corner the sources.
 * @param {App} app @param {any} made
 */
function tell(app, made) {
  const { map } = made;
  const pane = { leaflet: map, layer: made, code: 0, title: "", box: map.getContainer() };
  app.panes = [pane];
  const tip = L.tooltip({ sticky: true, direction: "auto" });
  const point = (/** @type {any} */ event) => {
    const text = app.told(pane, event.containerPoint);
    if (!text) return map.removeLayer(tip);
    tip.setContent(el("div", { class: "linemap-tip" }, text));
    return tip.setLatLng(event.latlng).addTo(map);
  };
  map.on("mousemove", point);
  /* Leaflet reads an attribution as HTML, so the text goes through an element first */
  const plain = document.createElement("span");
  const texts = app.model.attributions.map((text) => {
    plain.textContent = text;
    return new XMLSerializer().serializeToString(plain.firstChild || plain);
  });
  const { attributionControl } = map;
  if (attributionControl) for (const text of texts) attributionControl.addAttribution(text);
  const key = keyOf(app).addTo(map);
  made.once("remove", () => {
    key.remove();
    map.off("mousemove", point).removeLayer(tip);
    if (attributionControl) for (const text of texts) attributionControl.removeAttribution(text);
  });
}

Object.assign(window, { linemap: api });
const block = document.getElementById("linemap-data");
const root = document.getElementById("linemap");
if (block && root) start(block, root);
