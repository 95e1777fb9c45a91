/**
 * Where each pair runs: a quadratic curve in the square world of Web Mercator at zoom 0.
 * Rules, after Jenny and others (2018): symmetric curves; longer ones bend more; those of
 * opposite direction lie apart; flows spread around their nodes and keep off the others.
 */

/** @import { Curves, Model, Nodes, Pairs } from "./types.ts" */

import { pairKind } from "./pairs.js";

const LONG = 4.6; // world units: about 600 km at the latitude of England
const CAREFUL = 2500; // up to so many pairs, each tries several bends
const TRIES = [1, 1.45, 0.62, 1.9, 0.3, 2.4, -0.6, -1, -1.45];
const DENSE = 800; // beyond so many pairs, each tries fewer bends
const FEWER = 5;
const SAMPLES = 14;
const MOST_CELLS = 200; // of the grid of places, along its longer side

/**
 * How far the middle of a curve lies from the straight line, as a share of its length.
 * @param {number} length
 */
const bend = (length) => 0.07 + 0.09 * Math.min(1, length / LONG);

/**
 * @param {Curves} out
 * @param {number} i
 * @param {number} share
 */
function control(out, i, share) {
  const dx = out.bx[i] - out.ax[i];
  const dy = out.by[i] - out.ay[i];
  out.cx[i] = (out.ax[i] + out.bx[i]) / 2 + dy * share * 2;
  out.cy[i] = (out.ay[i] + out.by[i]) / 2 - dx * share * 2;
  out.share[i] = share;
}

/**
 * @param {Model} model
 * @param {Pairs} pairs
 * @param {number} pixel the size of a pixel in the world's units
 * @param {Float64Array} widths of each pair, in pixels
 * @param {Uint32Array} order of the pairs, widest first
 * @returns {Curves}
 */
export function layout(model, pairs, pixel, widths, order) {
  const { nodes } = model;
  const n = pairs.n;
  const column = () => new Float64Array(n);
  /** @type {Curves} */
  const out = {
    n,
    ax: column(),
    ay: column(),
    bx: column(),
    by: column(),
    cx: column(),
    cy: column(),
    share: column(),
    kind: new Uint8Array(n),
  };
  const careful = [];
  const both = new Set();
  const key = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ pane) =>
    (a * nodes.n + b) * 64 + pane;
  for (const i of order) {
    const a = pairs.origin[i];
    const b = pairs.destination[i];
    out.ax[i] = out.cx[i] = nodes.x[a];
    out.ay[i] = out.cy[i] = nodes.y[a];
    out.bx[i] = nodes.x[b];
    out.by[i] = nodes.y[b];
    out.kind[i] = pairKind(model, a, b);
    if (out.kind[i] !== 1) continue;
    both.add(key(a, b, pairs.pane[i]));
    control(out, i, bend(Math.hypot(out.bx[i] - out.ax[i], out.by[i] - out.ay[i])));
    careful.push(i);
  }
  if (careful.length > 0 && careful.length <= CAREFUL) {
    avoid(out, careful, pairs, nodes, pixel, widths, (i) =>
      both.has(key(pairs.destination[i], pairs.origin[i], pairs.pane[i])),
    );
  }
  return out;
}

/**
 * Points in the cells of a grid: the first of each cell, and after each point the next of its cell
 * (-1 for none). A cell is at least so wide, and there are at most 200 along the longer side.
 * @param {Float64Array} xs
 * @param {Float64Array} ys
 * @param {number} least
 */
function gridOf(xs, ys, least) {
  let x0 = Infinity;
  let x1 = -Infinity;
  let y0 = Infinity;
  let y1 = -Infinity;
  for (let k = 0; k < xs.length; k++) {
    x0 = Math.min(x0, xs[k]);
    x1 = Math.max(x1, xs[k]);
    y0 = Math.min(y0, ys[k]);
    y1 = Math.max(y1, ys[k]);
  }
  const cell = Math.max(least, Math.max(x1 - x0, y1 - y0) / MOST_CELLS);
  const wide = Math.floor((x1 - x0) / cell) + 1;
  const high = Math.floor((y1 - y0) / cell) + 1;
  const first = new Int32Array(wide * high).fill(-1);
  const next = new Int32Array(xs.length);
  for (let k = 0; k < xs.length; k++) {
    const at = Math.floor((ys[k] - y0) / cell) * wide + Math.floor((xs[k] - x0) / cell);
    next[k] = first[at];
    first[at] = k;
  }
  return { x0, y0, wide, high, cell, first, next };
}

/**
 * Widest first, each pair takes the bend that costs least.
 * @param {Curves} out
 * @param {number[]} careful
 * @param {Pairs} pairs
 * @param {Nodes} nodes
 * @param {number} pixel
 * @param {Float64Array} widths
 * @param {(i: number) => boolean} hasOpposite
 */
function avoid(out, careful, pairs, nodes, pixel, widths, hasOpposite) {
  const used = new Set();
  let widest = 0;
  for (const i of careful) {
    used.add(pairs.origin[i]).add(pairs.destination[i]);
    widest = Math.max(widest, widths[i]);
  }
  const others = Uint32Array.from(used);
  const xs = Float64Array.from(others, (node) => nodes.x[node]);
  const ys = Float64Array.from(others, (node) => nodes.y[node]);
  const { x0, y0, wide, high, cell, first, next } = gridOf(xs, ys, (6 + widest / 2) * pixel);
  /** @type {Map<number, number[]>} */
  const around = new Map();
  /* of the places near the curve that is tried: the turn in which they were met, how near */
  const seen = new Uint32Array(xs.length);
  const least = new Float64Array(xs.length);
  const hits = new Uint32Array(xs.length);
  let turn = 0;

  /** @param {number} i @param {number} node @param {number} angle @param {number} width */
  function crowding(i, node, angle, width) {
    const list = around.get(node);
    if (!list) return 0;
    let cost = 0;
    for (let k = 0; k < list.length; k += 2) {
      let apart = Math.abs(angle - list[k]);
      if (apart > Math.PI) apart = 2 * Math.PI - apart;
      const wanted = 0.07 + (width + list[k + 1]) * 0.006;
      if (apart < wanted) cost += 1.4 * (1 - apart / wanted);
    }
    return cost;
  }

  /** @param {number} i @param {number} most beyond which the cost does not matter */
  function price(i, most) {
    const a = pairs.origin[i];
    const b = pairs.destination[i];
    const width = widths[i];
    const near = (6 + width / 2) * pixel;
    let cost =
      crowding(i, a, Math.atan2(out.cy[i] - out.ay[i], out.cx[i] - out.ax[i]), width) +
      crowding(i, b, Math.atan2(out.cy[i] - out.by[i], out.cx[i] - out.bx[i]), width);
    if (cost >= most) return cost;
    turn++;
    let hit = 0;
    for (let s = 0; s < SAMPLES; s++) {
      const t = (s + 1) / (SAMPLES + 1);
      const u = 1 - t;
      const x = u * u * out.ax[i] + 2 * u * t * out.cx[i] + t * t * out.bx[i];
      const y = u * u * out.ay[i] + 2 * u * t * out.cy[i] + t * t * out.by[i];
      const left = Math.max(0, Math.floor((x - near - x0) / cell));
      const right = Math.min(wide - 1, Math.floor((x + near - x0) / cell));
      const top = Math.max(0, Math.floor((y - near - y0) / cell));
      const bottom = Math.min(high - 1, Math.floor((y + near - y0) / cell));
      for (let row = top; row <= bottom; row++) {
        for (let column = left; column <= right; column++) {
          for (let k = first[row * wide + column]; k >= 0; k = next[k]) {
            const dx = xs[k] - x;
            const dy = ys[k] - y;
            const far = dx * dx + dy * dy;
            if (far >= near * near || others[k] === a || others[k] === b) continue;
            if (seen[k] !== turn) {
              seen[k] = turn;
              least[k] = far;
              hits[hit++] = k;
            } else if (far < least[k]) {
              least[k] = far;
            }
          }
        }
      }
    }
    for (let h = 0; h < hit; h++) cost += 3 * (1 - Math.sqrt(least[hits[h]]) / near) + 0.5;
    return cost;
  }

  const tries = careful.length > DENSE ? TRIES.slice(0, FEWER) : TRIES;
  for (const i of careful) {
    const first = out.share[i];
    const opposite = hasOpposite(i);
    let best = first;
    let lowest = Infinity;
    for (const times of tries) {
      if (opposite && times < 0) continue;
      const extra = 0.7 * Math.abs(times - 1) + (times < 0 ? 0.6 : 0);
      if (extra >= lowest) continue;
      control(out, i, first * times);
      const cost = price(i, lowest - extra) + extra;
      if (cost < lowest) {
        lowest = cost;
        best = first * times;
      }
      if (lowest === 0) break;
    }
    control(out, i, best);
    for (const [node, angle] of [
      [pairs.origin[i], Math.atan2(out.cy[i] - out.ay[i], out.cx[i] - out.ax[i])],
      [pairs.destination[i], Math.atan2(out.cy[i] - out.by[i], out.cx[i] - out.bx[i])],
    ]) {
      const list = around.get(node);
      if (list) list.push(angle, widths[i]);
      else around.set(node, [angle, widths[i]]);
    }
  }
}

/** @typedef {{ ax: number, ay: number, bx: number, by: number, cx: number, cy: number }} Curve */

/**
 * The part of a curve from its beginning to t1, written into `part`.
 * @param {Curve} curve
 * @param {number} t1
 * @param {Curve} part
 */
export function until(curve, t1, part) {
  const u = 1 - t1;
  part.ax = curve.ax;
  part.ay = curve.ay;
  part.cx = u * curve.ax + t1 * curve.cx;
  part.cy = u * curve.ay + t1 * curve.cy;
  part.bx = u * u * curve.ax + 2 * u * t1 * curve.cx + t1 * t1 * curve.bx;
  part.by = u * u * curve.ay + 2 * u * t1 * curve.cy + t1 * t1 * curve.by;
}

/**
 * The distance of a point from a curve.
 * @param {Curve} curve
 * @param {number} x
 * @param {number} y
 */
export function distance(curve, x, y) {
  const { ax, ay, bx, by, cx, cy } = curve;
  let least = Infinity;
  let lx = ax;
  let ly = ay;
  for (let s = 1; s <= 24; s++) {
    const t = s / 24;
    const u = 1 - t;
    const px = u * u * ax + 2 * u * t * cx + t * t * bx;
    const py = u * u * ay + 2 * u * t * cy + t * t * by;
    const dx = px - lx;
    const dy = py - ly;
    const along = dx * dx + dy * dy;
    const share = along ? Math.max(0, Math.min(1, ((x - lx) * dx + (y - ly) * dy) / along)) : 0;
    least = Math.min(least, Math.hypot(x - lx - share * dx, y - ly - share * dy));
    lx = px;
    ly = py;
  }
  return least;
}
