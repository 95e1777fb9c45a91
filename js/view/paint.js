/**
 * Painting, on anything that has the methods of a canvas' 2D context: the screen, a PNG, an SVG.
 * A `view` turns the world into pixels: x * scale - left.
 */

/** @import { Area, Box, Lines } from "../core/types.ts" */
/** @import { Look } from "./look.js" */

import { until } from "../core/curves.js";
import { paintLabels } from "./labels.js";

/** @typedef {CanvasRenderingContext2D} Context */
/** @typedef {{ scale: number, left: number, top: number, width: number, height: number, bleedX?: number, bleedY?: number, obstacles?: Box[] }} View */

const TURN = Math.PI * 2;

/** @param {Context} ctx @param {View} view @param {Float64Array[]} rings @param {boolean} [open] */
function path(ctx, view, rings, open) {
  for (const ring of rings) {
    ctx.moveTo(ring[0] * view.scale - view.left, ring[1] * view.scale - view.top);
    for (let i = 2; i < ring.length; i += 2) {
      ctx.lineTo(ring[i] * view.scale - view.left, ring[i + 1] * view.scale - view.top);
    }
    if (!open) ctx.closePath();
  }
}

/** @param {View} view @param {Box} box */
function seen(view, box) {
  return (
    box.x1 * view.scale - view.left >= 0 &&
    box.x0 * view.scale - view.left <= view.width &&
    box.y1 * view.scale - view.top >= 0 &&
    box.y0 * view.scale - view.top <= view.height
  );
}

/**
 * All of a kind in one path.
 * @param {Context} ctx @param {View} view @param {Area[]} list @param {boolean} [open]
 */
function trace(ctx, view, list, open) {
  ctx.beginPath();
  for (const one of list) if (seen(view, one.box)) path(ctx, view, one.rings, open);
}

/**
 * @param {Context} ctx @param {View} view @param {Lines} lines @param {string} kinds
 * @param {string} colour @param {number} wide @param {number} alpha
 */
function stroke(ctx, view, lines, kinds, colour, wide, alpha) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = wide;
  ctx.globalAlpha = alpha;
  trace(
    ctx,
    view,
    [...kinds].flatMap((kind) => lines[kind] || []),
    true,
  );
  ctx.stroke();
  ctx.globalAlpha = 1;
}

/** @param {number} zoom */
const rank = (zoom) => (zoom < 5.6 ? 0 : zoom < 7.8 ? 1 : 2);

/**
 * Sea, land, borders. With online tiles behind, only lines.
 * @param {Context} ctx @param {View} view @param {Look} look
 */
export function base(ctx, view, look) {
  const { theme, model } = look;
  const zoom = Math.log2(view.scale);
  const { land, lines } = model.base.detail(rank(zoom));
  ctx.lineJoin = "round";
  ctx.lineCap = "round";
  if (!model.tiles) {
    ctx.fillStyle = theme.sea;
    ctx.fillRect(0, 0, view.width, view.height);
    stroke(ctx, view, lines, "c", theme.coast, 7, 0.2);
    ctx.fillStyle = theme.land;
    trace(ctx, view, land);
    ctx.fill("evenodd");
    /* the hair between neighbours */
    stroke(ctx, view, lines, "abfnr", theme.land, 1.2, 1);
  }
  const near = zoom >= 6.5;
  if (zoom >= 8.4) stroke(ctx, view, lines, "b", theme.border, 0.8, 0.9);
  stroke(ctx, view, lines, "a", theme.border, near ? 0.8 : 0.5, near ? 1 : 0.7);
  stroke(ctx, view, lines, "fr", theme.border, near ? 1.3 : 0.9, 1);
  stroke(ctx, view, lines, "ni", theme.coast, 1.2, 0.9);
  stroke(ctx, view, lines, "c", theme.coast, near ? 1.1 : 0.8, 1);
}

const WIDE = new Set(["region", "nation", "group"]); // too large to tint, one over another

/**
 * The outlines of areas that flows go to, where in them not being known; and regions and nations
 * that records were rolled up to, the darker the more.
 * @param {Context} ctx @param {View} view @param {Look} look @param {number} pane
 */
export function areas(ctx, view, look, pane) {
  const { reading, model, theme } = look;
  const { nodes } = model;
  const strong = look.outlined();
  const detail = rank(Math.log2(view.scale));
  const shaded = reading.shadedIn(pane);
  const shades = pane ? reading.panes.map(({ code }) => reading.shadedIn(code)) : [shaded];
  const most = Math.max(0, ...shades.flatMap((one) => [...one.values()].map((sum) => sum.n)));
  for (const [node, at] of nodes.outline) {
    const chosen = strong.has(node);
    const shade = shaded.get(node);
    const passed = reading.touched[node] && reading.reached <= 60 && !reading.quiet;
    if (!chosen && !shade && !passed) continue;
    if (pane && !look.inPane(node, pane)) continue;
    const area = at(detail);
    if (!seen(view, area.box)) continue;
    ctx.beginPath();
    path(ctx, view, area.rings);
    ctx.fillStyle = ctx.strokeStyle = chosen || shade ? theme.accent : theme.quiet;
    if (chosen) ctx.globalAlpha = 0.13;
    else if (shade) ctx.globalAlpha = 0.05 + (0.15 * shade.n) / most;
    else ctx.globalAlpha = WIDE.has(nodes.level[node] || "") ? 0 : 0.045;
    ctx.fill("evenodd");
    ctx.globalAlpha = chosen ? 0.95 : 0.4;
    ctx.lineWidth = chosen ? 1.8 : 0.8;
    if (area.lines) {
      ctx.beginPath();
      path(ctx, view, area.lines, true);
    }
    ctx.stroke();
    ctx.globalAlpha = 1;
  }
}

/** A curve in pixels. @typedef {import("../core/curves.js").Curve} Curve */

const SLIM = 0.55;
const STEP = 12; // lines between two pauses
const QUICK = 2500; // beyond so many lines, no casings and no arrows on hair lines

/**
 * Lines grow a little as the reader comes nearer.
 * @param {number} slim @param {number} zoom
 */
export const nearness = (slim, zoom) => slim * Math.min(1, Math.max(SLIM, (zoom - 2.6) / 4.4));

/** @returns {Curve} */
export const blank = () => ({ ax: 0, ay: 0, bx: 0, by: 0, cx: 0, cy: 0 });

/**
 * The curve of a line in pixels, beside the others of its pair; written into `out`.
 * @param {Look} look @param {View} view @param {number} s @param {Curve} out
 */
export function curveOf(look, view, s, out) {
  const { curves: c, strands, offset } = look.reading;
  const i = strands.pair[s];
  const { scale, left, top } = view;
  out.ax = c.ax[i] * scale - left;
  out.ay = c.ay[i] * scale - top;
  out.bx = c.bx[i] * scale - left;
  out.by = c.by[i] * scale - top;
  out.cx = c.cx[i] * scale - left;
  out.cy = c.cy[i] * scale - top;
  if (offset[s]) {
    const far = offset[s] * nearness(look.reading.slim, Math.log2(scale));
    const length = Math.hypot(out.bx - out.ax, out.by - out.ay) || 1;
    const dx = (-(out.by - out.ay) / length) * far;
    const dy = ((out.bx - out.ax) / length) * far;
    out.ax += dx;
    out.bx += dx;
    out.cx += dx;
    out.ay += dy;
    out.by += dy;
    out.cy += dy;
  }
  return out;
}

/** @param {View} view @param {Curve} c @param {number} margin */
function outside(view, c, margin) {
  return (
    Math.max(c.ax, c.bx, c.cx) < -margin ||
    Math.min(c.ax, c.bx, c.cx) > view.width + margin ||
    Math.max(c.ay, c.by, c.cy) < -margin ||
    Math.min(c.ay, c.by, c.cy) > view.height + margin
  );
}

/** @param {Look} look @param {View} view @param {number} s */
export function thickness(look, view, s) {
  const { reading, model } = look;
  const count = reading.change ? Math.abs(reading.change.change[s]) : reading.strands.count[s];
  const zoom = Math.log2(view.scale);
  return Math.max(model.style.thinnest, reading.widthOf(count) * nearness(reading.slim, zoom));
}

/** @param {number} wide @param {number} length */
const headOf = (wide, length) => Math.min(6 + wide * 1.15, length * 0.45);

const whole = blank();
const part = blank();

/**
 * One line: its casing, itself, its head. Says whether anything was painted.
 * @param {Context} ctx @param {View} view @param {Look} look @param {number} s
 * @param {number} alpha @param {boolean} plain
 */
function line(ctx, view, look, s, alpha, plain) {
  const { reading, theme } = look;
  const { curves, pairs, strands } = reading;
  const c = curveOf(look, view, s, whole);
  if (outside(view, c, 40)) return false;
  const i = strands.pair[s];
  const colour = look.colourOf(s);
  const wide = thickness(look, view, s);
  const named = Number.isNaN(strands.count[s]);
  const mentioned = strands.kind[s] === 2;
  pen(ctx, colour, wide, alpha * (mentioned ? 0.45 : plain && wide < 1.5 ? 0.55 : 0.92));
  ctx.lineCap = "butt";
  if (curves.kind[i] === 2) {
    const r = 12 + strands.turn[s] * (wide + 4);
    if (named) ctx.setLineDash([7, 4]);
    ctx.beginPath();
    ctx.arc(
      curves.ax[i] * view.scale - view.left,
      curves.ay[i] * view.scale - view.top - r,
      r,
      0,
      TURN,
    );
    ctx.stroke();
    if (named) ctx.setLineDash([]);
    return true;
  }
  const length = Math.hypot(c.bx - c.ax, c.by - c.ay) * 1.05;
  const head = plain && wide < 1.2 ? 0 : headOf(wide, length);
  const stop = reading.radius(pairs.destination[i], look.paneOf(i)) + 1.5;
  until(c, Math.max(0.5, 1 - (stop + head * 0.8) / Math.max(length, 1)), part);
  ctx.beginPath();
  ctx.moveTo(part.ax, part.ay);
  ctx.quadraticCurveTo(part.cx, part.cy, part.bx, part.by);
  if (!plain && alpha === 1 && !named) {
    const { strokeStyle, globalAlpha } = ctx;
    pen(ctx, theme.land, wide + 2.2, 0.85);
    ctx.stroke();
    pen(ctx, String(strokeStyle), wide, globalAlpha);
  }
  if (named) ctx.setLineDash(mentioned ? [2, 4] : [7, 4]);
  ctx.stroke();
  if (named) ctx.setLineDash([]);
  if (head) arrow(ctx, c, stop / Math.max(length, 1), head, wide);
  return true;
}

/** @param {Context} ctx @param {string} colour @param {number} wide @param {number} alpha */
function pen(ctx, colour, wide, alpha) {
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = wide;
  ctx.globalAlpha = alpha;
}

/** The point of a curve at t. @param {Curve} c @param {number} t */
export function pointAt(c, t) {
  const u = 1 - t;
  return {
    x: u * u * c.ax + 2 * u * t * c.cx + t * t * c.bx,
    y: u * u * c.ay + 2 * u * t * c.cy + t * t * c.by,
  };
}

/** The middle of a curve. @param {Curve} c */
export const middle = (c) => pointAt(c, 0.5);

/**
 * Where the head of a line lies, and how large it is.
 * @param {Look} look @param {View} view @param {number} s
 */
export function headAt(look, view, s) {
  const { reading } = look;
  const c = curveOf(look, view, s, whole);
  const length = Math.hypot(c.bx - c.ax, c.by - c.ay) * 1.05;
  const size = headOf(thickness(look, view, s), length);
  const pair = reading.strands.pair[s];
  const stop = reading.radius(reading.pairs.destination[pair], look.paneOf(pair)) + 1.5;
  return { ...pointAt(c, 1 - (stop + size * 0.5) / Math.max(length, 1)), r: size * 0.45 };
}

/** @param {Context} ctx @param {Curve} c @param {number} gap @param {number} head @param {number} wide */
function arrow(ctx, c, gap, head, wide) {
  const tip = pointAt(c, 1 - gap);
  const far = Math.hypot(tip.x - part.bx, tip.y - part.by) || 1;
  const dx = (tip.x - part.bx) / far;
  const dy = (tip.y - part.by) / far;
  const half = 3 + wide * 0.78;
  ctx.beginPath();
  ctx.moveTo(tip.x, tip.y);
  ctx.lineTo(tip.x - dx * head - dy * half, tip.y - dy * head + dx * half);
  ctx.lineTo(tip.x - dx * head * 0.78, tip.y - dy * head * 0.78);
  ctx.lineTo(tip.x - dx * head + dy * half, tip.y - dy * head - dx * half);
  ctx.closePath();
  ctx.fill();
}

/**
 * The lines of a pane, largest first: those that stand out and, where some do, the others.
 * @param {Look} look @param {number} pane
 */
function sorted(look, pane) {
  const { reading } = look;
  const mine = (/** @type {number} */ s) =>
    !pane || reading.pairs.pane[reading.strands.pair[s]] === pane;
  const { front, back } = reading;
  return {
    front: pane ? front.filter(mine) : front,
    back: pane ? back.filter(mine) : back,
    faint: 0.13 * Math.max(0.3, Math.min(1, Math.sqrt(500 / Math.max(1, back.length)))),
  };
}

/**
 * @param {Context} ctx @param {View} view @param {Look} look @param {Iterable<number>} list
 * @param {number} alpha @param {boolean} plain
 */
function* strokes(ctx, view, look, list, alpha, plain) {
  let since = 0;
  for (const s of list) {
    if (line(ctx, view, look, s, alpha, plain)) since++;
    if (since >= STEP) {
      since = 0;
      yield;
    }
  }
  ctx.globalAlpha = 1;
}

export const POINTS = new Set(["settlement", "station"]); // all other places are areas

/** @param {Context} ctx @param {View} view @param {Look} look @param {number} pane */
function* nodes(ctx, view, look, pane) {
  const { theme, reading, model } = look;
  const near = reading.order.filter((node) => reading.near.has(node));
  const list = reading.quiet
    ? [...near, ...reading.order.filter((node) => !reading.near.has(node))]
    : reading.order;
  let since = 0;
  for (let k = list.length - 1; k >= 0; k--) {
    const node = list[k];
    if (++since % 40 === 0) yield;
    if (!look.shows(node, pane)) continue;
    const x = model.nodes.x[node] * view.scale - view.left;
    const y = model.nodes.y[node] * view.scale - view.top;
    if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
    const r = reading.radius(node, pane);
    ctx.globalAlpha = reading.quiet && !reading.near.has(node) ? 0.25 : 1;
    ctx.beginPath();
    ctx.arc(x, y, r, 0, TURN);
    const origin = reading.isOrigin[node];
    const hollow = !origin && !POINTS.has(model.nodes.level[node] || "");
    ctx.strokeStyle = theme.land;
    ctx.lineWidth = origin ? 3 : 2.4 * reading.room;
    if (!hollow) ctx.stroke();
    ctx.fillStyle = origin ? look.originColour(node) : hollow ? theme.land : theme.node;
    ctx.fill();
    if (hollow) {
      ctx.strokeStyle = theme.node;
      ctx.lineWidth = 1.6;
      ctx.stroke();
    }
    const share = origin ? reading.shareThatCame(node, pane) : NaN;
    if (share > 0) ring(ctx, look, share, r, x, y);
  }
  ctx.globalAlpha = 1;
}

/**
 * A place that is both an end and a beginning: the share of what came to it, as an arc.
 * @param {Context} ctx @param {Look} look @param {number} share @param {number} r @param {number} x @param {number} y
 */
function ring(ctx, look, share, r, x, y) {
  ctx.beginPath();
  ctx.arc(x, y, r + 2.2, -TURN / 4, -TURN / 4 + TURN * Math.min(share, 0.999));
  ctx.strokeStyle = look.theme.node;
  ctx.lineWidth = 1.8;
  ctx.stroke();
}

const FIRST = 600; // lines that are painted at once, over all the rest

/**
 * On two sheets, so that the largest lines are seen first and yet lie above the others: on the
 * upper one the largest, the places and the names; then, below, the rest, largest first. A canvas
 * could as well paint "destination-over", but in software that takes ten times as long.
 * @param {Context} upper @param {Context} lower @param {View} view @param {Look} look
 * @param {number} pane
 */
export function* over(upper, lower, view, look, pane) {
  const { front, back, faint } = sorted(look, pane);
  const plain = front.length > QUICK;
  yield* strokes(upper, view, look, front.slice(0, FIRST).reverse(), 1, plain);
  yield* nodes(upper, view, look, pane);
  paintLabels(upper, view, look, pane);
  yield;
  yield* strokes(lower, view, look, front.slice(FIRST), 1, plain);
  yield* strokes(lower, view, look, back, faint, true);
}

/**
 * The same on one sheet and in one go, from the back to the front.
 * @param {Context} ctx @param {View} view @param {Look} look @param {number} pane
 */
export function atOnce(ctx, view, look, pane) {
  const { front, back, faint } = sorted(look, pane);
  for (const work of [
    strokes(ctx, view, look, [...back].reverse(), faint, true),
    strokes(ctx, view, look, [...front].reverse(), 1, front.length > QUICK),
    nodes(ctx, view, look, pane),
  ]) {
    while (!work.next().done);
  }
  paintLabels(ctx, view, look, pane);
  ctx.globalAlpha = 1;
}

/** @param {Context} ctx @param {View} view @param {Look} look @param {number} pane */
export function under(ctx, view, look, pane) {
  base(ctx, view, look);
  areas(ctx, view, look, pane);
}
