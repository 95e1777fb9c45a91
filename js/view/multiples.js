/** Small multiples: one small map an origin, all on one scale and one extent. */

/** @import { App } from "./app.js" */

import { Look } from "./look.js";
import { Reading } from "../core/reading.js";
import { context, pixelRatio } from "./canvas.js";
import * as paint from "./paint.js";
import { button, el, refill, said } from "./dom.js";
import { TEXT, name, plural, noun } from "../core/words.js";

const FIRST = 12;

/**
 * The reading of every pair, as a reader sees it who has chosen nothing but filters.
 * @param {App} app
 */
function everyPair(app) {
  const { reading } = app;
  const chosen = {
    ...app.chosen,
    picture: /** @type {const} */ ("pairs"),
    place: 0,
    pair: null,
    most: 0,
    change: false,
  };
  const all = new Reading(app.model, chosen);
  all.zoom = reading.zoom;
  all.facets = reading.facets;
  all.levels = reading.levels;
  all.layouts = reading.layouts;
  all.useLevel();
  return all;
}

/** The same with the lines of one origin only. @param {Reading} all @param {number} origin */
function only(all, origin) {
  const { strands, pairs, order, touched } = all;
  const front = all.front.filter((s) => pairs.origin[strands.pair[s]] === origin);
  const near = new Set([origin, ...front.map((s) => pairs.destination[strands.pair[s]])]);
  return Object.create(all, {
    front: { value: front },
    back: { value: [] },
    shaded: { value: all.shade(all.passing.filter((i) => pairs.origin[pairs.of[i]] === origin)) },
    order: { value: order.filter((node) => near.has(node)) },
    touched: { value: touched.map((one, node) => (near.has(node) ? one : 0)) },
  });
}

/** @param {App} app */
export function multiples(app) {
  const box = el("div", { class: "multiples" });
  let shown = FIRST;

  /** @param {Look} look @param {HTMLCanvasElement} canvas @param {import("../core/types.ts").Box} extent */
  function draw(look, canvas, extent) {
    const wide = canvas.clientWidth;
    const high = canvas.clientHeight;
    if (!wide || !high) return;
    const ratio = pixelRatio();
    canvas.width = wide * ratio;
    canvas.height = high * ratio;
    const scale = Math.min(wide / (extent.x1 - extent.x0), high / (extent.y1 - extent.y0)) * 0.86;
    const view = {
      scale,
      width: wide,
      height: high,
      left: ((extent.x0 + extent.x1) / 2) * scale - wide / 2,
      top: ((extent.y0 + extent.y1) / 2) * scale - high / 2,
    };
    const ctx = context(canvas);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint.under(ctx, view, look, 0);
    paint.atOnce(ctx, view, look, 0);
  }

  /** @param {number} [from] the first new card, which takes the focus */
  function refresh(from) {
    const { model } = app;
    const all = everyPair(app);
    const n = new Map();
    for (const s of all.front) {
      const origin = all.pairs.origin[all.strands.pair[s]];
      n.set(origin, (n.get(origin) || 0) + 1);
    }
    /** @type {Map<number, Set<number>>} */
    const areas = new Map();
    for (const i of all.passing) {
      const pair = all.pairs.of[i];
      if (all.curves.kind[pair] !== 3) continue;
      const origin = all.pairs.origin[pair];
      areas.set(origin, (areas.get(origin) || new Set()).add(all.pairs.destination[pair]));
    }
    const lines = (/** @type {number} */ origin) => n.get(origin) || 0;
    const shades = (/** @type {number} */ origin) => areas.get(origin)?.size || 0;
    const origins = [...new Set([...n.keys(), ...areas.keys()])].sort(
      (a, b) => lines(b) - lines(a) || shades(b) - shades(a) || a - b,
    );
    const cards = origins.slice(0, shown).map((origin) => {
      const text = name(model.nodes.name[origin]);
      const canvas = el("canvas", { role: "img", "aria-label": TEXT.mapOf(text) });
      const go = el(
        "button",
        {
          type: "button",
          class: "link",
          on: {
            click: () => {
              app.show("map");
              app.select(origin, { go: true });
            },
          },
        },
        said(text),
      );
      const drawn = [
        lines(origin) ? plural(lines(origin), model.statements ? noun(true) : "line") : "",
        shades(origin) ? TEXT.shades(shades(origin)) : "",
      ].filter(Boolean);
      const card = el(
        "li",
        { class: "multiple" },
        el("h3", null, go),
        el("p", { class: "quiet" }, TEXT.onTheMap(drawn.join(TEXT.and))),
        canvas,
      );
      return { origin, canvas, card, go };
    });
    refill(
      box,
      el("p", { class: "quiet" }, TEXT.oneMapEach),
      el(
        "ul",
        { class: "multiples-grid" },
        cards.map(({ card }) => card),
      ),
      origins.length ? null : el("p", null, TEXT.nothingToDraw),
      origins.length > shown
        ? button(TEXT.moreOf(origins.length), () => {
            const before = shown;
            shown += FIRST;
            refresh(before);
          })
        : null,
    );
    const extent = all.extent();
    for (const { origin, canvas } of cards) {
      draw(
        new Look(model, only(all, origin), app.look.theme, app.look.textSize * 0.84),
        canvas,
        extent,
      );
    }
    if (from !== undefined && cards[from]) cards[from].go.focus();
  }

  return { box, refresh: () => refresh() };
}
