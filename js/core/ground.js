/** Which places lie on the same ground, inside each other, or around each other. */

/** @import { Nodes } from "./types.ts" */

/** @typedef {"same" | "inside" | "around" | ""} Relation */

/**
 * @param {Set<number>} inner
 * @param {Set<number>} outer
 */
function within(inner, outer) {
  if (inner.size > outer.size) return false;
  for (const one of inner) if (!outer.has(one)) return false;
  return true;
}

/**
 * Whether place `inner` lies inside place `outer`, or is it.
 * @param {Nodes} nodes
 * @param {number} inner
 * @param {number} outer
 * @returns {boolean}
 */
function lies(nodes, inner, outer) {
  if (nodes.same[inner] === nodes.same[outer]) return true;
  const big = nodes.areas.get(outer) || nodes.areas.get(nodes.same[outer]);
  const small = nodes.areas.get(inner) || nodes.areas.get(nodes.same[inner]);
  if (big && small) return within(small, big);
  for (const parents of Object.values(nodes.parents)) {
    const parent = parents[inner];
    if (!parent || parent === inner || nodes.same[parent] === nodes.same[inner]) continue;
    if (nodes.same[parent] === nodes.same[outer]) return true;
    const around = nodes.areas.get(parent);
    if (!small && big && around && within(around, big)) return true;
  }
  return false;
}

/**
 * What `other` is to the ground of `node`: on the same ground, inside it, around it, or nothing.
 * @param {Nodes} nodes
 * @param {number} node
 * @param {number} other
 * @returns {Relation}
 */
export function relation(nodes, node, other) {
  if (!node || !other) return "";
  const inside = lies(nodes, other, node);
  const around = lies(nodes, node, other);
  if (inside && around) return "same";
  return inside ? "inside" : around ? "around" : "";
}

/**
 * The whole of which a node is what is left; itself where it is whole or no whole is known. A
 * reader who chooses a rest is answered for its ground, which is the whole's.
 * @param {Nodes} nodes
 * @param {number} node
 */
export function wholeOf(nodes, node) {
  if (!nodes.rest[node] || nodes.id[node] === null) return node;
  for (let other = 1; other < nodes.n; other++) {
    if (nodes.id[other] === nodes.id[node] && !nodes.rest[other]) return nodes.same[other];
  }
  return node;
}

/**
 * The relation of every place to the ground of one.
 * @param {Nodes} nodes
 * @param {number} node
 */
export function groundOf(nodes, node) {
  /** @type {Relation[]} */
  const out = [""];
  for (let other = 1; other < nodes.n; other++) out.push(relation(nodes, node, other));
  return out;
}

/**
 * Whether a point of the world lies in rings, by the even-odd rule.
 * @param {Float64Array[]} rings
 * @param {number} x
 * @param {number} y
 */
export function holds(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const crosses = ring[i + 1] > y !== ring[j + 1] > y;
      if (
        crosses &&
        x < ring[i] + ((y - ring[i + 1]) * (ring[j] - ring[i])) / (ring[j + 1] - ring[i + 1])
      ) {
        inside = !inside;
      }
    }
  }
  return inside;
}
