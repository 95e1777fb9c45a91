/** Where names and numbers may stand: one by one, the most important first, none over another. */

/** @import { Box } from "./types.ts" */

const GAP = 3;

/** @typedef {[right: number, down: number, far: number]} Side */

/* beside the place, then aslant; origins also further off */
/** @type {Side[]} */
export const BESIDE = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, -1, 0],
  [0, 1, 0],
];
/** @type {Side[]} */
const ASLANT = [
  [1, -1, 0],
  [-1, -1, 0],
  [1, 1, 0],
  [-1, 1, 0],
];
/** @type {Side[]} */
export const SIDES = [...BESIDE, ...ASLANT];
/** @type {Side[]} */
export const FURTHER = [
  ...SIDES,
  ...[12, 20, 30, 42, 56].flatMap((far) =>
    [...ASLANT, ...BESIDE].map(([right, down]) => /** @type {Side} */ ([right, down, far])),
  ),
];
/** @type {Side[]} */
export const NEAR = FURTHER.filter(([, , far]) => far <= 20);
/** @type {Side[]} */
export const MIDDLE = [[0, 0, 0]];

const CELL = 64;

/**
 * Boxes that are taken, found by the cells of a grid.
 * @param {Box} edge within which all must lie
 */
export function placer(edge) {
  /** @type {Map<number, Box[]>} */
  const grid = new Map();
  /** @param {Box} box @param {(cell: number) => boolean | void} act stops where it says true */
  const cells = (box, act) => {
    for (let x = Math.floor(box.x0 / CELL); x <= Math.floor(box.x1 / CELL); x++) {
      for (let y = Math.floor(box.y0 / CELL); y <= Math.floor(box.y1 / CELL); y++) {
        if (act(x * 4096 + y)) return true;
      }
    }
    return false;
  };
  /** @param {Box} b */
  const taken = (b) =>
    cells(b, (cell) =>
      (grid.get(cell) || []).some(
        (o) => !(b.y1 < o.y0 || b.y0 > o.y1 || b.x1 < o.x0 || b.x0 > o.x1),
      ),
    );
  /** @param {Box} box */
  const take = (box) => {
    cells(box, (cell) => {
      const list = grid.get(cell);
      if (list) list.push(box);
      else grid.set(cell, [box]);
    });
  };
  /** @param {Box} box */
  const within = (box) =>
    box.x0 >= edge.x0 && box.x1 <= edge.x1 && box.y0 >= edge.y0 && box.y1 <= edge.y1;
  return {
    take,
    /** Whether a box lies inside the edge and on nothing. @param {Box} box */
    free: (box) => within(box) && !taken(box),
    /** @param {number} x @param {number} y @param {number} r */
    block: (x, y, r) => take({ x0: x - r, x1: x + r, y0: y - r, y1: y + r }),
    /**
     * The first of the sides of a point where a text of a size fits; null if none does.
     * @param {number} wide @param {number} high @param {number} x @param {number} y
     * @param {number} r @param {Side[]} sides
     */
    place(wide, high, x, y, r, sides) {
      for (const [right, down, far] of sides) {
        const gap = r + GAP + far;
        const slant = right && down ? 0.6 : 1;
        const left =
          right > 0 ? x + gap * slant : right < 0 ? x - gap * slant - wide : x - wide / 2;
        const top = down > 0 ? y + gap * slant : down < 0 ? y - gap * slant - high : y - high / 2;
        const box = { x0: left - 2, x1: left + wide + 2, y0: top, y1: top + high };
        if (!within(box) || taken(box)) continue;
        take(box);
        return { x: left, y: top + high / 2, far, wide };
      }
      return null;
    },
  };
}
