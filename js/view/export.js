/** Taking it along: CSV, SVG, PNG and paper. */

/** @import { App, Pane } from "./app.js" */
/** @import { Context, View } from "./paint.js" */
/** @import { Look } from "./look.js" */

import { csvText } from "../core/table.js";
import { context } from "./canvas.js";
import { Sheet } from "./sheet.js";
import * as paint from "./paint.js";
import { el, svg } from "./dom.js";
import { uncounted } from "../core/filter.js";
import { kinds, number } from "../core/words.js";

const MARGIN = 24;
const BETWEEN = 8; // pixels between two maps
const VECTOR = 4000; // lines up to which paper gets an SVG

/** @param {Blob} blob @param {string} file */
function download(blob, file) {
  const url = URL.createObjectURL(blob);
  const link = el("a", { href: url, download: file, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** @param {App} app @param {string} ending */
function fileName(app, ending) {
  const plain = app.model.title
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return `${plain.slice(0, 60).toLowerCase() || "flows"}.${ending}`;
}

/** @param {App} app @param {number[] | null} rows */
export function csv(app, rows) {
  const { reading } = app;
  const { flows } = rows ? reading : reading.view(reading.together, "");
  const text = csvText(app.model, flows, rows);
  download(new Blob([text], { type: "text/csv;charset=utf-8" }), fileName(app, "csv"));
}

/** @param {Context} ctx @param {string} text @param {number} width */
function wrap(ctx, text, width) {
  const lines = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && ctx.measureText(longer).width > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  if (line) lines.push(line);
  return lines;
}

/** @typedef {{ ctx: any, layer: (x: number, y: number, view: View, pane: Pane) => void, finish: () => any }} Easel */

/**
 * Title, key numbers, map, legend, sources: what a picture needs to stand alone.
 * @param {(width: number, height: number) => Easel} make
 * @param {App} app @param {Look} look @param {View} view
 */
function compose(make, app, look, view) {
  const { model } = app;
  const { theme } = look;
  const panes = app.panes.length;
  const width = view.width * panes + (panes - 1) * BETWEEN + 2 * MARGIN;
  const probe = context(document.createElement("canvas"));
  const fonts = {
    title: `700 22px ${look.font}`,
    text: `400 13px ${look.font}`,
    small: `400 11px ${look.font}`,
  };
  /** @param {string} font @param {number} step @param {string} text @param {string} colour */
  const lines = (font, step, text, colour) => {
    probe.font = font;
    return text
      ? wrap(probe, text, width - 2 * MARGIN).map((line) => ({ font, step, text: line, colour }))
      : [];
  };
  const key = app.reading
    .headlines()
    .map((one) => `${one.value} ${one.label}${one.note ? ` (${one.note})` : ""}`)
    .join("; ");
  const head = [
    ...lines(fonts.title, 28, model.title, theme.ink),
    ...lines(fonts.text, 19, model.subtitle, theme.quiet),
    ...lines(fonts.text, 19, key, theme.ink),
    ...lines(fonts.text, 19, app.reading.status(), theme.quiet),
  ];
  const foot = [
    ...lines(fonts.small, 15, `${model.basis} ${model.caveats[0] || ""}`, theme.quiet),
    ...lines(fonts.small, 15, model.attributions.join("; "), theme.quiet),
  ];
  const tall = (/** @type {{ step: number }[]} */ list) =>
    list.reduce((sum, one) => sum + one.step, 0);
  const keys = keyRows(app, look);
  const keyHeight = 26 * Math.ceil(keys.length / 4) + 8;
  const top = MARGIN + tall(head) + 8;
  const height = top + view.height + 12 + keyHeight + tall(foot) + MARGIN;
  const { ctx, layer, finish } = make(width, height);
  ctx.fillStyle = theme.paper;
  ctx.fillRect(0, 0, width, height);
  let y = MARGIN;
  const write = (/** @type {typeof head} */ list) => {
    ctx.textBaseline = "middle";
    for (const { font, step, text, colour } of list) {
      ctx.font = font;
      ctx.fillStyle = colour;
      ctx.fillText(text, MARGIN, y + step / 2);
      y += step;
    }
  };
  write(head);
  app.panes.forEach((pane, k) => layer(MARGIN + k * (view.width + BETWEEN), top, view, pane));
  y = top + view.height + 12;
  keys.forEach((one, k) => {
    const x = MARGIN + ((width - 2 * MARGIN) / 4) * (k % 4);
    drawKey(ctx, one, x, y + 26 * Math.floor(k / 4) + 13, look);
  });
  y += keyHeight;
  write(foot);
  return finish();
}

/** @typedef {{ colour?: string, width: number, dash?: number[], text: string }} Key */

/** @param {App} app @param {Look} look @returns {Key[]} */
function keyRows(app, look) {
  const { reading, model } = app;
  const kindTexts = kinds(uncounted(reading.flows));
  const near = app.nearness();
  /** @type {Key[]} */
  const rows = look
    .colourRows()
    .slice(0, 8)
    .map((row) => ({ colour: row.colour, width: 5, text: row.label }));
  for (const step of reading.steps) {
    const width = Math.max(model.style.thinnest, reading.widthOf(step) * near);
    rows.push({ width, text: number(step) });
  }
  if (reading.kinds[1]) rows.push({ width: 2, dash: [7, 4], text: kindTexts[1] });
  if (reading.kinds[2]) rows.push({ width: 2, dash: [2, 4], text: kindTexts[2] });
  return rows;
}

/** @param {any} ctx @param {Key} key @param {number} x @param {number} y @param {Look} look */
function drawKey(ctx, key, x, y, look) {
  ctx.globalAlpha = 1;
  ctx.strokeStyle = key.colour || look.theme.ink;
  ctx.lineWidth = key.width;
  ctx.setLineDash(key.dash || []);
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x + 34, y);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.font = `400 12px ${look.font}`;
  ctx.fillStyle = look.theme.ink;
  ctx.textBaseline = "middle";
  const text = Array.from(key.text);
  ctx.fillText(text.length > 26 ? `${text.slice(0, 25).join("")}…` : key.text, x + 42, y);
}

/** @param {App} app @param {Look} look @param {View} view @returns {SVGSVGElement} */
export function asSvg(app, look, view) {
  return compose(
    (width, height) => {
      const sheet = new Sheet(width, height);
      let clips = 0;
      const ctx = /** @type {any} */ (sheet);
      return {
        ctx,
        layer(x, y, part, pane) {
          const id = `linemap-clip-${clips++}`;
          const clip = svg("rect", { width: part.width, height: part.height });
          sheet.root.prepend(svg("clipPath", { id }, clip));
          const frame = svg("g", { transform: `translate(${x} ${y})` });
          sheet.root.append(frame);
          sheet.parent = frame;
          sheet.layer(`url(#${id})`);
          paint.under(ctx, part, look, app.paneKey(pane));
          sheet.layer(`url(#${id})`);
          paint.atOnce(ctx, part, look, app.paneKey(pane));
          sheet.parent = sheet.root;
          sheet.layer();
        },
        finish: () => sheet.root,
      };
    },
    app,
    look,
    view,
  );
}

/** @param {View} view @param {number} ratio */
function canvasOf(view, ratio) {
  const canvas = document.createElement("canvas");
  canvas.width = view.width * ratio;
  canvas.height = view.height * ratio;
  context(canvas).scale(ratio, ratio);
  return canvas;
}

/** A map on a canvas of its own. @param {Look} look @param {View} view @param {number} code @param {number} ratio */
function mapOn(look, view, code, ratio) {
  const below = canvasOf(view, ratio);
  const above = canvasOf(view, ratio);
  paint.under(context(below), view, look, code);
  paint.atOnce(context(above), view, look, code);
  context(below).drawImage(above, 0, 0, view.width, view.height);
  return below;
}

/** @param {App} app @param {Look} look @param {View} view @param {number} ratio @returns {HTMLCanvasElement} */
function asCanvas(app, look, view, ratio) {
  return compose(
    (width, height) => {
      const canvas = canvasOf({ scale: 1, left: 0, top: 0, width, height }, ratio);
      const ctx = context(canvas);
      return {
        ctx,
        layer(x, y, part, pane) {
          ctx.drawImage(mapOn(look, part, app.paneKey(pane), ratio), x, y, part.width, part.height);
        },
        finish: () => canvas,
      };
    },
    app,
    look,
    view,
  );
}

/** @param {App} app */
export function saveSvg(app) {
  const text = new XMLSerializer().serializeToString(asSvg(app, app.paperLook(), app.shown()));
  download(new Blob([text], { type: "image/svg+xml" }), fileName(app, "svg"));
}

/** @param {App} app */
export function savePng(app) {
  const canvas = asCanvas(app, app.paperLook(), app.shown(), 2);
  canvas.toBlob((blob) => {
    if (blob) download(blob, fileName(app, "png"));
  }, "image/png");
}

/**
 * For paper: a map on white, in the light colours, sharp at any size.
 * @param {App} app @param {Look} look @param {View} view @param {Pane} pane
 */
export function paperMap(app, look, view, pane) {
  const code = app.paneKey(pane);
  const { front, back } = app.reading;
  if (front.length + back.length > VECTOR) return mapOn(look, view, code, 2);
  const sheet = new Sheet(view.width, view.height);
  const ctx = /** @type {any} */ (sheet);
  sheet.layer();
  paint.under(ctx, view, look, code);
  sheet.layer();
  paint.atOnce(ctx, view, look, code);
  return sheet.root;
}
