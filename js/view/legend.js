/** The legend: colours (which are also switches), widths with numbers, lines and places. */

/** @import { App } from "./app.js" */
/** @import { Facet } from "../core/types.ts" */

import { POINTS } from "./paint.js";
import { el, said, svg } from "./dom.js";
import { uncounted } from "../core/filter.js";
import { TEXT, kinds as kindWords, number } from "../core/words.js";

const ROWS = 9;

/** @param {string} colour @param {number} width @param {string} [dash] @param {boolean} [faint] */
function line(colour, width, dash, faint) {
  const high = Math.max(12, width + 4);
  return svg(
    "svg",
    { width: 34, height: high, "aria-hidden": "true", class: "key" },
    svg("line", {
      x1: 1,
      x2: 33,
      y1: high / 2,
      y2: high / 2,
      stroke: colour,
      "stroke-width": width,
      "stroke-dasharray": dash,
      opacity: faint ? 0.45 : 1,
    }),
  );
}

/** @param {number} r @param {boolean} full */
const dot = (r, full) =>
  svg(
    "svg",
    { width: 34, height: 16, "aria-hidden": "true", class: "key" },
    svg("circle", {
      cx: 17,
      cy: 8,
      r,
      fill: full ? "currentColor" : "none",
      stroke: "currentColor",
      "stroke-width": 1.6,
    }),
  );

/** @param {string} title @param {import("../core/types.ts").Children[]} rows */
const part = (title, ...rows) =>
  el("div", { class: "legend-part" }, el("h3", null, title), ...rows);

/** @param {App} app */
function widths(app) {
  const { reading, model } = app;
  if (!reading.steps.length) return null;
  const near = app.nearness();
  return part(
    reading.change
      ? TEXT.legend.widthChange
      : model.statements
        ? TEXT.legend.widthStatements
        : TEXT.legend.width,
    el(
      "ul",
      { class: "legend-widths" },
      reading.steps.map((step) => {
        const wide = Math.max(model.style.thinnest, reading.widthOf(step) * near);
        return el("li", null, line("currentColor", wide), el("span", null, number(step)));
      }),
    ),
  );
}

/** @param {App} app */
function lines(app) {
  const { kinds, strands, curves, flows } = app.reading;
  const texts = kindWords(uncounted(flows));
  let loops = false;
  for (let s = 0; s < strands.n; s++) if (curves.kind[strands.pair[s]] === 2) loops = true;
  if (!kinds[1] && !kinds[2] && !loops) return null;
  const row = (/** @type {Element} */ key, /** @type {string} */ text) =>
    el("li", null, key, el("span", null, text));
  return part(
    TEXT.legend.line,
    el(
      "ul",
      null,
      kinds[0] ? row(line("currentColor", 4), texts[0]) : null,
      kinds[1] ? row(line("currentColor", 2, "7 4"), texts[1]) : null,
      kinds[2] ? row(line("currentColor", 2, "2 4", true), texts[2]) : null,
      loops ? row(dot(6, false), TEXT.legend.loop) : null,
    ),
  );
}

/** @param {App} app */
function places(app) {
  const shade = el("span", { class: "shade", "aria-hidden": "true" });
  const { reading, model } = app;
  const ends = reading.order.filter((node) => reading.touched[node]);
  const points = ends.filter((node) => POINTS.has(model.nodes.level[node] || "")).length;
  if (!ends.length && !reading.shaded.size) return null;
  return part(
    TEXT.legend.destination,
    el(
      "ul",
      null,
      points ? el("li", null, dot(4, true), el("span", null, TEXT.legend.town)) : null,
      points < ends.length
        ? el("li", null, dot(4, false), el("span", null, TEXT.legend.area))
        : null,
      app.reading.shaded.size ? el("li", null, shade, el("span", null, TEXT.legend.shaded)) : null,
    ),
  );
}

/** @param {App} app */
function colours(app) {
  const { look, reading } = app;
  const kind = look.colouring;
  const rows = look.colourRows();
  if (!rows.length) return null;
  const key = kind === "distance" ? "band" : kind;
  const facet = reading.facets.find((one) => one.key === key);
  const shown = rows.slice(0, ROWS);
  const more = rows.length - shown.length;
  return part(
    `${TEXT.legend.colour}: ${TEXT.colours[kind]}`,
    el(
      "ul",
      null,
      shown.map((row) => el("li", null, switched(app, facet, row))),
    ),
    more ? el("p", { class: "quiet" }, TEXT.legend.more(more)) : null,
  );
}

/**
 * A colour and its name; a switch too, where there is something to switch.
 * @param {App} app @param {Facet | undefined} facet
 * @param {{ code: number, label: string, colour: string }} row
 */
function switched(app, facet, row) {
  const inside = [line(row.colour, 6), el("span", null, said(row.label))];
  if (!facet || facet.present.length < 2 || !facet.present.includes(row.code) || !app.parts) {
    return inside;
  }
  const box = el("input", {
    type: "checkbox",
    id: `linemap-legend-${facet.key}-${row.code}`,
    on: {
      change: () => {
        if (box.checked) facet.off.delete(row.code);
        else facet.off.add(row.code);
        app.switched();
      },
    },
  });
  box.checked = !facet.off.has(row.code);
  return el("label", null, box, inside);
}

/** @param {App} app */
export const legend = (app) => [colours(app), widths(app), lines(app), places(app)];
