/**
 * A Leaflet layer that paints on canvases: one frame is shown, and stretched while the map moves;
 * the next is painted behind it in short slices and takes its place when its first slice is done.
 */

/** @import { Look } from "./look.js" */
/** @import { View } from "./paint.js" */

import * as paint from "./paint.js";

const BLEED = 0.12; // of the map's size, painted beyond each edge
const BUSY = 24; // milliseconds of painting a slice, while the reader acts
const IDLE = 60; // and after
const CHECK = 4; // steps between two looks at the clock
const STILL = 220; // milliseconds without an act, after which the reader is still
const SETTLE = 110; // milliseconds after a drag before it is painted anew

/** @typedef {{ look: Look, obstacles: (map: any) => import("../core/types.ts").Box[] }} Scene */

function frame() {
  const [ground, lower, upper] = [0, 1, 2].map(() => document.createElement("canvas"));
  const box = document.createElement("div");
  box.className = "linemap-frame leaflet-zoom-animated";
  box.append(ground, lower, upper);
  return { box, ground, lower, upper, at: /** @type {any} */ (null) };
}

/** @param {HTMLCanvasElement} canvas */
export const context = (canvas) =>
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

export const pixelRatio = () => Math.min(window.devicePixelRatio || 1, 2);

/** @param {ReturnType<typeof frame>} one @param {View} view @param {number} ratio */
function size(one, view, ratio) {
  for (const canvas of [one.ground, one.lower, one.upper]) {
    const w = Math.round(view.width * ratio);
    const h = Math.round(view.height * ratio);
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
      canvas.style.width = `${view.width}px`;
      canvas.style.height = `${view.height}px`;
    } else {
      context(canvas).clearRect(0, 0, w, h);
    }
    context(canvas).setTransform(ratio, 0, 0, ratio, 0, 0);
  }
}

/** Leaflet's classes are made by extending, and `this` is the layer. @type {any} */
const methods = {
  /** @param {Scene} scene @param {number} pane */
  initialize(scene, pane) {
    this.scene = scene;
    this.pane = pane;
    this.complete = false;
    this.acted = 0;
  },

  /** @param {any} map */
  onAdd(map) {
    this.map = map;
    const pane = map.getPane("linemap") || map.createPane("linemap");
    pane.style.zIndex = 350;
    pane.style.pointerEvents = "none";
    this.front = frame();
    this.back = frame();
    this.back.box.style.visibility = "hidden";
    pane.append(this.front.box, this.back.box);
    this.repaint();
  },

  onRemove() {
    cancelAnimationFrame(this.turn);
    cancelAnimationFrame(this.asked);
    clearTimeout(this.pause);
    this.asked = 0;
    this.front.box.remove();
    this.back.box.remove();
    this.map = null;
  },

  /** The base map is painted once a view; only the outlines above it follow what is chosen. */
  ground(/** @type {any} */ ctx, /** @type {any} */ view, /** @type {number} */ ratio) {
    const { look } = this.scene;
    const key = [
      view.scale,
      view.left,
      view.top,
      view.width,
      view.height,
      ratio,
      look.theme.name,
    ].join(" ");
    if (this.groundKey !== key) {
      this.groundKey = key;
      this.groundSheet = this.groundSheet || document.createElement("canvas");
      this.groundSheet.width = Math.round(view.width * ratio);
      this.groundSheet.height = Math.round(view.height * ratio);
      const sheet = context(this.groundSheet);
      sheet.setTransform(ratio, 0, 0, ratio, 0, 0);
      paint.base(sheet, view, look);
    }
    ctx.drawImage(this.groundSheet, 0, 0, view.width, view.height);
    paint.areas(ctx, view, look, this.pane);
  },

  /** After a drag the picture has moved along; it is painted anew when the reader is still, or
      when its bleed is used up. */
  moved() {
    const { at } = this.front;
    const zoom = this.map.getZoom();
    clearTimeout(this.pause);
    if (at && at.zoom === zoom && this.map.getSize().x * (1 + 2 * BLEED) - at.width < 3) {
      const now = this.view();
      const gone = Math.max(
        Math.abs(now.left - at.left) / now.width,
        Math.abs(now.top - at.top) / now.height,
      );
      if (gone === 0 && this.complete) return;
      if (gone < BLEED * 0.7) {
        this.pause = setTimeout(() => this.repaint(), SETTLE);
        return;
      }
    }
    this.repaint();
  },

  getEvents() {
    return {
      zoomanim: (/** @type {any} */ event) => this.stretch(event.center, event.zoom),
      zoom: () => this.stretch(this.map.getCenter(), this.map.getZoom()),
      movestart: () => this.touch(),
      move: () => this.touch(),
      moveend: () => this.moved(),
      viewreset: () => this.repaint(),
      resize: () => this.repaint(),
    };
  },

  touch() {
    this.acted = performance.now();
  },

  /** What the map shows now, with its bleed, in pixels and in the world's units. */
  view() {
    const { map } = this;
    const inside = map.getSize();
    const zoom = map.getZoom();
    const edge = inside.multiplyBy(BLEED).round();
    const corner = map.project(map.getCenter(), zoom).subtract(inside.divideBy(2)).subtract(edge);
    return {
      zoom,
      scale: 2 ** zoom,
      left: corner.x,
      top: corner.y,
      bleedX: edge.x,
      bleedY: edge.y,
      width: inside.x + 2 * edge.x,
      height: inside.y + 2 * edge.y,
      obstacles: this.scene.obstacles(map).map((/** @type {any} */ b) => ({
        x0: b.x0 + edge.x,
        x1: b.x1 + edge.x,
        y0: b.y0 + edge.y,
        y1: b.y1 + edge.y,
      })),
    };
  },

  place(/** @type {any} */ one, /** @type {any} */ center, /** @type {number} */ zoom) {
    if (!one.at) return;
    const grown = 2 ** (zoom - one.at.zoom);
    const corner = L.point(one.at.left, one.at.top).multiplyBy(grown);
    const origin = this.map._getNewPixelOrigin(center, zoom);
    L.DomUtil.setTransform(one.box, corner.subtract(origin), grown);
  },

  stretch(/** @type {any} */ center, /** @type {number} */ zoom) {
    this.touch();
    this.place(this.front, center, zoom);
    this.place(this.back, center, zoom);
  },

  /** Ask for a new picture: however often it is asked for, one is begun before the next frame. */
  repaint() {
    if (!this.map || !this.map._loaded) return;
    clearTimeout(this.pause);
    cancelAnimationFrame(this.turn);
    this.complete = false;
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      this.begin();
    });
  },

  begin() {
    const { map } = this;
    const view = this.view();
    if (view.width < 4 || view.height < 4) {
      this.complete = true; // out of sight, there is nothing to paint
      return;
    }
    const ratio = pixelRatio();
    this.back.at = view;
    size(this.back, view, ratio);
    this.ground(context(this.back.ground), view, ratio);
    this.place(this.back, map.getCenter(), map.getZoom());
    const work = paint.over(
      context(this.back.upper),
      context(this.back.lower),
      view,
      this.scene.look,
      this.pane,
    );
    let shown = false;
    /* A slice ends by the clock, not by a number of steps: a slow screen must not make it smaller. */
    const slice = () => {
      const began = performance.now();
      const most = began - this.acted < STILL ? BUSY : IDLE;
      let done = false;
      for (let k = 1; !done; k++) {
        done = Boolean(work.next().done);
        if (k % CHECK === 0 && performance.now() - began > most) break;
      }
      if (!shown) {
        shown = true;
        this.swap();
      }
      if (done) {
        this.complete = true;
        this.fire("painted");
      } else {
        this.turn = requestAnimationFrame(slice);
      }
    };
    this.fire("painting");
    slice();
  },

  swap() {
    [this.front, this.back] = [this.back, this.front];
    this.front.box.style.visibility = "";
    this.back.box.style.visibility = "hidden";
  },
};

/** @type {any} */
let Layer = null;

/**
 * A layer of a scene's flows; `pane` is the code of the flows that it draws, 0 for all.
 * @param {Scene} scene @param {number} pane
 */
export function canvasLayer(scene, pane) {
  if (!Layer) Layer = L.Layer.extend(methods);
  return new Layer(scene, pane);
}
