/** Names and numbers on the map. */

/** @import { Box } from "../core/types.ts" */
/** @import { Look } from "./look.js" */
/** @import { Context, View } from "./paint.js" */

import { BESIDE, FURTHER, MIDDLE, NEAR, placer } from "../core/labels.js";
import { holds } from "../core/ground.js";
import { blank, curveOf, headAt, middle, pointAt, thickness } from "./paint.js";
import * as words from "../core/words.js";

const SHORT = 34; // letters of a name
const NAMED = 400; // nodes that are tried
const HEADS = 300; // arrowheads that labels keep off
const CROSSING = 60; // lines that the names of regions keep off
const SAMPLES = 24; // points of such a line
const STEP = 12; // pixels between two places that are tried for the name of a region
const TRIES = 900;

/** @typedef {{ font: string, text: string, at: { x: number, y: number, wide: number }, colour: string, halo: string, alpha: number, from: { x: number, y: number } | null }} Mark */

/** @param {string} text */
function short(text) {
  const letters = Array.from(text);
  return letters.length > SHORT ? `${letters.slice(0, SHORT - 1).join("")}…` : text;
}

/**
 * Paints what was placed: leaders first, each text above its halo, the most important last.
 * @param {Context} ctx @param {Mark[]} marks
 */
function paintMarks(ctx, marks) {
  for (const { from, at, colour, halo } of marks) {
    if (!from) continue;
    ctx.beginPath();
    ctx.moveTo(from.x, from.y);
    ctx.lineTo(Math.max(at.x, Math.min(at.x + at.wide, from.x)), at.y);
    ctx.strokeStyle = halo;
    ctx.lineWidth = 3.2;
    ctx.stroke();
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1.2;
    ctx.stroke();
  }
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.lineJoin = "round";
  for (const { font, text, at, colour, halo, alpha } of marks.reverse()) {
    ctx.globalAlpha = alpha;
    ctx.font = font;
    ctx.lineWidth = 3.4;
    ctx.strokeStyle = halo;
    ctx.strokeText(text, at.x, at.y);
    ctx.fillStyle = colour;
    ctx.fillText(text, at.x, at.y);
  }
  ctx.globalAlpha = 1;
}

/** @param {Context} ctx @param {View} view @param {Look} look @param {number} pane */
export function paintLabels(ctx, view, look, pane) {
  const { theme, model, reading } = look;
  const { nodes } = model;
  const size = look.textSize;
  const edgeX = (view.bleedX || 0) + 2;
  const edgeY = (view.bleedY || 0) + 2;
  const put = placer({ x0: edgeX, y0: edgeY, x1: view.width - edgeX, y1: view.height - edgeY });
  /** @type {Mark[]} */
  const marks = [];
  /** @param {number} weight @param {number} times */
  const font = (weight, times) => {
    ctx.font = `${weight} ${size * times}px ${look.font}`;
  };
  /** @param {string} text @param {number} x @param {number} y @param {number} r @param {number} times @param {import("../core/labels.js").Side[]} sides @param {string} colour @param {number} [alpha] */
  const mark = (text, x, y, r, times, sides, colour, alpha = 1) => {
    const at = put.place(ctx.measureText(text).width, size * times * 1.15, x, y, r, sides);
    if (!at) return false;
    const from = at.far ? { x, y } : null;
    marks.push({ font: ctx.font, text, at, colour, halo: theme.land, alpha, from });
    return true;
  };
  const there = (/** @type {number} */ node) => ({
    x: nodes.x[node] * view.scale - view.left,
    y: nodes.y[node] * view.scale - view.top,
  });
  for (const box of view.obstacles || []) put.take(box);
  ctx.globalAlpha = 1;
  const here = reading.order
    .filter((node) => look.shows(node, pane) && (!reading.quiet || reading.near.has(node)))
    .slice(0, NAMED);
  for (const node of here) {
    const { x, y } = there(node);
    put.block(x, y, reading.radius(node, pane));
  }
  for (const s of reading.front.slice(0, HEADS)) {
    const pair = reading.strands.pair[s];
    if (reading.curves.kind[pair] !== 1 || (pane && reading.pairs.pane[pair] !== pane)) continue;
    const head = headAt(look, view, s);
    put.block(head.x, head.y, head.r);
  }
  for (const node of here) {
    const origin = reading.isOrigin[node];
    const { x, y } = there(node);
    if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
    font(origin ? 700 : 600, origin ? 1.08 : 1);
    const colour = origin ? look.originColour(node) : theme.ink;
    mark(
      short(reading.label(node)),
      x,
      y,
      reading.radius(node, pane),
      1,
      origin ? FURTHER : NEAR,
      colour,
    );
  }
  areaNames();
  numbers();
  if (!model.tiles && Math.log2(view.scale) >= 6.4 && reading.order.length <= 500) towns();
  paintMarks(ctx, marks);

  /* what was rolled up to a region or a nation, written inside it where no line passes */
  function areaNames() {
    font(600, 0.92);
    const crossed = lineBoxes();
    for (const [node, sum] of [...reading.shadedIn(pane)].sort((a, b) => b[1].n - a[1].n)) {
      if (Number.isNaN(nodes.x[node]) || (pane && !look.inPane(node, pane))) continue;
      const name = words.name(nodes.name[node]);
      const text = words.TEXT.rolledTo(short(name), look.amount(sum.n));
      const spot = roomIn(node, ctx.measureText(text).width, crossed) || there(node);
      mark(text, spot.x, spot.y, -3, 0.92, [...MIDDLE, ...FURTHER], theme.accent);
    }
  }

  /** The widest lines, as small boxes. @returns {Box[]} */
  function lineBoxes() {
    const out = [];
    const c = blank();
    for (const s of reading.front.slice(0, CROSSING)) {
      const pair = reading.strands.pair[s];
      if (reading.curves.kind[pair] !== 1 || (pane && reading.pairs.pane[pair] !== pane)) continue;
      const half = thickness(look, view, s) / 2 + 2;
      curveOf(look, view, s, c);
      for (let k = 0; k <= SAMPLES; k++) {
        const { x, y } = pointAt(c, k / SAMPLES);
        out.push({ x0: x - half, x1: x + half, y0: y - half, y1: y + half });
      }
    }
    return out;
  }

  /**
   * The point inside an area, nearest to its middle, at which a text of a width lies on no line and
   * on no other text; null if there is none.
   * @param {number} node @param {number} wide @param {Box[]} crossed
   */
  function roomIn(node, wide, crossed) {
    const area = nodes.outline.get(node)?.(0);
    if (!area) return null;
    const { x, y } = there(node);
    const half = { x: wide / 2 + 4, y: size * 0.6 };
    const inside = (/** @type {number} */ px, /** @type {number} */ py) =>
      holds(area.rings, (px + view.left) / view.scale, (py + view.top) / view.scale);
    const tries = [];
    const reach = Math.floor(Math.sqrt(TRIES) / 2);
    for (let i = -reach; i <= reach; i++) {
      for (let j = -reach; j <= reach; j++) tries.push({ x: x + i * STEP, y: y + j * STEP });
    }
    const far = (/** @type {{ x: number, y: number }} */ one) =>
      (one.x - x) ** 2 + (one.y - y) ** 2;
    tries.sort((a, b) => far(a) - far(b));
    return (
      tries.find((one) => {
        const box = {
          x0: one.x - half.x,
          x1: one.x + half.x,
          y0: one.y - half.y,
          y1: one.y + half.y,
        };
        return (
          put.free(box) &&
          !crossed.some((b) => b.x0 < box.x1 && b.x1 > box.x0 && b.y0 < box.y1 && b.y1 > box.y0) &&
          [-wide / 4, 0, wide / 4].every((dx) => inside(one.x + dx, one.y))
        );
      }) || null
    );
  }

  /* figures on the widest lines */
  function numbers() {
    font(700, 0.92);
    let left = 24;
    const c = blank();
    const counted = reading.counted();
    for (const s of reading.front) {
      const pair = reading.strands.pair[s];
      const value = reading.change ? reading.change.change[s] : reading.strands.count[s];
      if (left === 0 || Number.isNaN(value)) break;
      if (reading.curves.kind[pair] !== 1 || (pane && reading.pairs.pane[pair] !== pane)) continue;
      if (!reading.quiet && thickness(look, view, s) < 3 * reading.slim) continue;
      left--;
      const { x, y } = middle(curveOf(look, view, s, c));
      const text = reading.change ? words.signed(value) : look.amount(value) + counted(s);
      mark(text, x, y, -3, 1, MIDDLE, look.colourOf(s));
    }
  }

  function towns() {
    font(400, 0.86);
    let left = 26;
    const named = new Set(reading.order.map((node) => nodes.name[node]));
    for (const town of model.base.towns) {
      const x = town.x * view.scale - view.left;
      const y = town.y * view.scale - view.top;
      if (left === 0) break;
      if (x < 0 || y < 0 || x > view.width || y > view.height || named.has(town.name)) continue;
      if (!mark(town.name, x, y, 2, 0.86, BESIDE.slice(0, 2), theme.quiet, 0.75)) continue;
      left--;
      ctx.globalAlpha = 0.75;
      ctx.beginPath();
      ctx.arc(x, y, 1.4, 0, Math.PI * 2);
      ctx.fillStyle = theme.quiet;
      ctx.fill();
      ctx.globalAlpha = 1;
    }
  }
}
