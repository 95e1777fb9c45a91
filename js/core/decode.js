/** From the page's data block to typed columns. */

import { TEXT } from "./words.js";

/** @import { Area, Base, Box, Column, Flows, Lines, Model, Nodes, Outline, Style } from "./types.ts" */

/** @param {string} base64 */
function bytes(base64) {
  const text = atob(base64);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

/**
 * Base-128 integers, least significant seven bits first.
 * @param {string} base64
 */
export function integers(base64) {
  const from = bytes(base64);
  let n = 0;
  for (let i = 0; i < from.length; i++) if (from[i] < 128) n++;
  const out = new Float64Array(n);
  let value = 0;
  let scale = 1;
  let k = 0;
  for (let i = 0; i < from.length; i++) {
    const byte = from[i];
    value += (byte & 127) * scale;
    if (byte < 128) {
      out[k++] = value;
      value = 0;
      scale = 1;
    } else {
      scale *= 128;
    }
  }
  return out;
}

/** @param {number} value */
const unfold = (value) => (value % 2 ? -(value + 1) / 2 : value / 2);

/**
 * Signed integers, each written as its difference from the one before it.
 * @param {string} base64
 */
export function differences(base64) {
  const out = integers(base64);
  let sum = 0;
  for (let i = 0; i < out.length; i++) {
    sum += unfold(out[i]);
    out[i] = sum;
  }
  return out;
}

/**
 * 0 stands for null, which becomes NaN; else the number is one less.
 * @param {string} base64
 */
export function nullable(base64) {
  const out = integers(base64);
  for (let i = 0; i < out.length; i++) out[i] = out[i] === 0 ? NaN : out[i] - 1;
  return out;
}

/**
 * @typedef {{ texts: string[], index?: string, same?: number, name?: string }} PackedTexts
 * @typedef {PackedTexts & { prefix?: string, digits?: number, from?: number, numbers?: string }} PackedIds
 */

/**
 * A column of texts: their codes (0 for null), the texts by code, and the text of a row.
 * @param {PackedTexts} column
 * @param {number} n
 * @returns {Column}
 */
export function textColumn(column, n) {
  const codes =
    column.index === undefined
      ? new Uint32Array(n).fill(column.same || 0)
      : new Uint32Array(integers(column.index));
  const texts = [null, ...column.texts];
  return { codes, texts, at: (i) => texts[codes[i]] };
}

/**
 * @param {PackedIds} column
 * @param {number} n
 * @returns {(i: number) => string | null}
 */
function identifiers(column, n) {
  const { prefix, digits, from } = column;
  if (prefix === undefined || digits === undefined) return textColumn(column, n).at;
  const numbers =
    column.numbers === undefined
      ? Float64Array.from({ length: n }, (_, i) => (from || 0) + i)
      : differences(column.numbers);
  return (i) => prefix + String(numbers[i]).padStart(digits, "0");
}

/**
 * Polygons: for each its rings, for each ring its points as lon, lat, lon, lat, ...
 * @param {string} base64
 * @param {number} grid
 */
function shapes(base64, grid) {
  const from = integers(base64);
  const out = [];
  let k = 0;
  while (k < from.length) {
    const rings = [];
    for (let r = from[k++]; r > 0; r--) {
      const ring = new Float64Array(2 * from[k++]);
      let lon = 0;
      let lat = 0;
      for (let i = 0; i < ring.length; i += 2) {
        lon += unfold(from[k++]);
        lat += unfold(from[k++]);
        ring[i] = lon / grid;
        ring[i + 1] = lat / grid;
      }
      rings.push(ring);
    }
    out.push(rings);
  }
  return out;
}

/**
 * Web Mercator at zoom 0: the world is a square of 256.
 * @param {number} lon
 */
export const worldX = (lon) => ((lon + 180) / 360) * 256;
/** @param {number} lat */
export const worldY = (lat) => {
  const s = Math.sin((lat * Math.PI) / 180);
  return 128 - (64 / Math.PI) * Math.log((1 + s) / (1 - s));
};

/**
 * @param {Float64Array[]} rings
 * @returns {Box}
 */
export function boxOf(rings) {
  let x0 = Infinity;
  let y0 = Infinity;
  let x1 = -Infinity;
  let y1 = -Infinity;
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      x0 = Math.min(x0, ring[i]);
      x1 = Math.max(x1, ring[i]);
      y0 = Math.min(y0, ring[i + 1]);
      y1 = Math.max(y1, ring[i + 1]);
    }
  }
  return { x0, y0, x1, y1 };
}

/**
 * @param {Float64Array[]} rings in degrees
 * @returns {Area}
 */
function area(rings) {
  const projected = rings.map((ring) => {
    const out = new Float64Array(ring.length);
    for (let i = 0; i < ring.length; i += 2) {
      out[i] = worldX(ring[i]);
      out[i + 1] = worldY(ring[i + 1]);
    }
    return out;
  });
  return { rings: projected, box: boxOf(projected) };
}

const UNPLACED = -(2 ** 30);

/**
 * A function of a rank that does its work once a rank.
 * @template T
 * @param {(rank: number) => T} make
 * @returns {(rank: number) => T}
 */
function remembered(make) {
  /** @type {T[]} */
  const known = [];
  return (rank) => (known[rank] = known[rank] || make(rank));
}

/** @typedef {Base & { areaArcs?: number[][] }} BaseWithArcs */

/**
 * The areas of the base map that make up a place, at a degree of detail: rings to fill, and the
 * arcs that only one of them has, which are its outer line.
 * @param {number[]} numbers
 * @param {BaseWithArcs} base
 * @returns {Outline}
 */
function made(numbers, base) {
  const times = new Map();
  for (const number of numbers) {
    for (const arc of (base.areaArcs || [])[number] || [])
      times.set(arc, (times.get(arc) || 0) + 1);
  }
  return remembered((rank) => {
    const { land, arcs } = base.detail(rank);
    const rings = numbers.flatMap((number) => land[number].rings);
    const lines = [...times].filter(([, n]) => n === 1).map(([arc]) => (arcs || [])[arc]);
    return { rings, lines, box: boxOf(rings) };
  });
}

/**
 * Which node stands for another of the same key: a whole place that flows end at, else the first
 * of its own kind. A place that is only around others stands for no rest of it.
 * @param {Nodes} nodes @param {number[]} list @param {(node: number) => string} keyOf
 */
function leaders(nodes, list, keyOf) {
  const kind = (/** @type {number} */ node) =>
    nodes.rest[node] ? "rest" : node <= nodes.ends ? "" : "around";
  /** @type {Map<string, number>} */
  const first = new Map();
  for (const node of list) {
    const key = `${kind(node)} ${keyOf(node)}`;
    if (!first.has(key)) first.set(key, node);
  }
  return (/** @type {number} */ node) =>
    first.get(` ${keyOf(node)}`) || first.get(`${kind(node)} ${keyOf(node)}`) || node;
}

/**
 * Places of records that are made of the same areas of the base map, as a county that is a police
 * force area of its own, are one end: their figures are parts of one partition. A nation is none of
 * them: it is shaded, where its police force has a line.
 * @param {Nodes} nodes
 */
function joinGrounds(nodes) {
  const force = (/** @type {number} */ node) => Number(nodes.level[node] === "force");
  const list = [...nodes.areas.keys()]
    .filter((node) => !isWide(nodes, node))
    .sort((a, b) => force(a) - force(b) || a - b);
  const leader = leaders(nodes, list, (node) =>
    [...(nodes.areas.get(node) || [])].sort().join(" "),
  );
  const to = new Map(list.map((node) => [nodes.same[node], nodes.same[leader(node)]]));
  nodes.same.forEach((node, i) => {
    nodes.same[i] = to.get(node) ?? node;
  });
}

/**
 * @param {any} packed
 * @param {number} grid
 * @param {BaseWithArcs} base
 * @param {boolean} statements
 * @returns {Nodes}
 */
function nodesOf(packed, grid, base, statements) {
  const lon = differences(packed.lon);
  const lat = differences(packed.lat);
  const n = lon.length;
  const name = textColumn(packed.name, n);
  const level = textColumn(packed.level, n);
  const id = textColumn(packed.id, n);
  /** @type {Nodes} */
  const out = {
    n: n + 2,
    name: [null],
    level: [null],
    id: [null],
    rest: new Uint8Array(n + 2),
    ends: packed.ends,
    reach: null,
    x: new Float64Array(n + 2).fill(NaN),
    y: new Float64Array(n + 2).fill(NaN),
    outline: new Map(),
    areas: new Map(),
    parents: {},
    same: Uint32Array.from({ length: n + 2 }, (_, i) => i),
  };
  for (let i = 0; i < n; i++) {
    out.name.push(name.at(i));
    out.level.push(level.at(i));
    out.id.push(id.at(i));
    if (lon[i] !== UNPLACED) {
      out.x[i + 1] = worldX(lon[i] / 1e5);
      out.y[i + 1] = worldY(lat[i] / 1e5);
    }
  }
  for (const node of integers(packed.rest)) out.rest[node] = 1;
  const named = Array.from({ length: n }, (_, i) => i + 1).filter((node) => out.id[node] !== null);
  const leader = leaders(out, named, (node) => out.id[node] || "");
  for (const node of named) out.same[node] = leader(node);
  out.name.push(null);
  out.level.push("group");
  out.id.push(null);
  for (const [node, numbers] of Object.entries(packed.areas)) {
    out.outline.set(Number(node), made(numbers, base));
    out.areas.set(Number(node), new Set(numbers));
  }
  const outlined = integers(packed.outlined);
  shapes(packed.outlines, grid).forEach((rings, i) =>
    out.outline.set(
      outlined[i],
      remembered(() => area(rings)),
    ),
  );
  if (!statements) joinGrounds(out);
  for (const [key, column] of Object.entries(packed.parents)) {
    out.parents[key] = [0, ...integers(/** @type {string} */ (column)), 0];
  }
  return out;
}

/**
 * Largest first, then places named only, then those mentioned; else as the release has them.
 * @param {Float64Array} count
 * @param {Uint8Array} kind
 */
export function drawingOrder(count, kind) {
  const n = count.length;
  const most = count.reduce((a, b) => Math.max(a, b || 0), 0);
  if ((most + 1) * 3 * n < 2 ** 53) {
    /* one number a flow holds its rank, its count and its turn: the quickest thing to sort */
    const keys = new Float64Array(n);
    const order = new Uint32Array(n);
    for (let i = 0; i < n; i++) keys[i] = (kind[i] * (most + 1) + most - (count[i] || 0)) * n + i;
    keys.sort();
    for (let i = 0; i < n; i++) order[i] = keys[i] % n;
    return order;
  }
  return Uint32Array.from(count.keys()).sort(
    (a, b) => kind[a] - kind[b] || (count[b] || 0) - (count[a] || 0) || a - b,
  );
}

/**
 * @param {Float64Array} km
 * @param {number[]} edges
 * @param {[string, string]} banded
 */
function bands(km, edges, banded) {
  const out = new Int8Array(km.length);
  for (let i = 0; i < out.length; i++) {
    let band = Number.isNaN(km[i]) ? -1 : 0;
    for (const edge of edges) if (km[i] > edge) band++;
    out[i] = band;
  }
  const to = integers(banded[1]);
  integers(banded[0]).forEach((i, k) => {
    out[i] = to[k];
  });
  return out;
}

/**
 * @param {any} packed
 * @param {number[]} edges
 * @returns {Flows}
 */
function flowsOf(packed, edges) {
  /** @type {number} */
  const n = packed.n;
  /** @param {string} name */
  const read = (name) => textColumn(packed[name], n);
  const count = nullable(packed.count);
  for (let i = 0; i < n; i++) count[i] *= packed.step;
  const qualifier = read("qualifier");
  const mentioned = qualifier.texts.indexOf("mentioned", 1);
  const kind = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    if (mentioned > 0 && qualifier.codes[i] === mentioned) kind[i] = 2;
    else kind[i] = Number.isNaN(count[i]) ? 1 : 0;
  }
  const order = drawingOrder(count, kind);
  /**
   * @template {Float64Array | Uint32Array | Uint8Array | Int8Array} T
   * @param {T} values
   * @returns {T}
   */
  const sorted = (values) => {
    const out = values.slice();
    for (let i = 0; i < n; i++) out[i] = values[order[i]];
    return /** @type {T} */ (out);
  };
  /**
   * @param {Column} one
   * @returns {Column}
   */
  const column = (one) => {
    const codes = sorted(one.codes);
    return { codes, texts: one.texts, at: (i) => one.texts[codes[i]] };
  };
  const km = nullable(packed.km);
  const low = nullable(packed.low);
  const high = nullable(packed.high);
  for (let i = 0; i < n; i++) {
    low[i] = (km[i] - low[i]) / 100;
    high[i] = (km[i] + high[i]) / 100;
    km[i] /= 100;
  }
  const id = identifiers(packed.id, n);
  const window = read("window");
  /** @param {number} which */
  const half = (which) => {
    const texts = window.texts.map((text) => (text && text.split("/")[which]) || null);
    return column({ codes: window.codes, texts, at: () => null });
  };
  return {
    n,
    kind: sorted(kind),
    id: (i) => id(order[i]),
    origin: sorted(new Uint32Array(integers(packed.origin))),
    destination: sorted(new Uint32Array(integers(packed.destination))),
    count: sorted(count),
    km: sorted(km),
    low: sorted(low),
    high: sorted(high),
    band: sorted(bands(km, edges, packed.banded)),
    figures: new Uint32Array(n).fill(1),
    measure: column(read("measure")),
    qualifier: column(qualifier),
    start: half(0),
    end: half(1),
    source: column(read("source")),
    published: column(read("published")),
    url: column(read("url")),
    note: column(read("note")),
    external: column(read("external")),
    pane: column(read("pane")),
    tags: packed.tags.map((/** @type {PackedTexts} */ tag) => ({
      ...column(textColumn(tag, n)),
      name: tag.name,
    })),
  };
}

/**
 * @param {string} kinds
 * @param {Float64Array[]} arcs
 */
function linesOf(kinds, arcs) {
  /** @type {Lines} */
  const lines = {};
  arcs.forEach((arc, i) => {
    if (arc.length < 4) return;
    (lines[kinds[i]] = lines[kinds[i]] || []).push({ rings: [arc], box: boxOf([arc]) });
  });
  return lines;
}

/**
 * Rings from their arcs, `-1 - i` being arc i backwards.
 * @param {number[][]} rings
 * @param {Float64Array[]} arcs
 * @returns {Area}
 */
function joined(rings, arcs) {
  const whole = rings.map((ring) => {
    const out = [];
    for (const number of ring) {
      const arc = arcs[number < 0 ? -1 - number : number];
      const points = arc.length / 2;
      for (let i = 0; i < points; i++) {
        const at = number < 0 ? points - 1 - i : i;
        if (i > 0 || out.length === 0) out.push(arc[2 * at], arc[2 * at + 1]);
      }
    }
    return new Float64Array(out);
  });
  return { rings: whole, box: boxOf(whole) };
}

/**
 * The base map in three degrees of detail, each made when it is first seen: land to fill, and
 * lines of each kind to stroke.
 * @param {any} packed
 */
function fromArcs(packed) {
  const from = integers(packed.arcs);
  const ranks = bytes(packed.ranks);
  /* in whole quanta; a vertex is projected when a degree of detail needs it */
  const xs = new Int32Array(from.length >> 1);
  const ys = new Int32Array(from.length >> 1);
  const starts = [0];
  let k = 0;
  let x = 0;
  let y = 0;
  let vertex = 0;
  while (k < from.length) {
    for (let n = from[k++]; n > 0; n--) {
      x += unfold(from[k++]);
      y += unfold(from[k++]);
      xs[vertex] = x;
      ys[vertex++] = y;
    }
    starts.push(vertex);
  }
  /** @param {number} one */
  const rankOf = (one) => (ranks[one >> 2] >> (2 * (one & 3))) & 3;
  /** @param {number} rank */
  const arcsAt = (rank) =>
    starts.slice(0, -1).map((start, i) => {
      const points = new Float64Array(2 * (starts[i + 1] - start));
      let at = 0;
      for (let v = start; v < starts[i + 1]; v++) {
        if (rankOf(v) > rank) continue;
        points[at++] = worldX(xs[v] * packed.quantum);
        points[at++] = worldY(ys[v] * packed.quantum);
      }
      return points.subarray(0, at);
    });
  /** @type {number[][][]} */
  const rings = packed.rings;
  return {
    detail: remembered((rank) => {
      const arcs = arcsAt(rank);
      return {
        arcs,
        land: rings.map((one) => joined(one, arcs)),
        lines: linesOf(packed.kinds, arcs),
      };
    }),
    areaArcs: rings.map((one) => one.flat().map((arc) => (arc < 0 ? -1 - arc : arc))),
  };
}

/**
 * @param {any} packed
 * @param {number} grid
 * @returns {BaseWithArcs}
 */
function baseOf(packed, grid) {
  const towns = packed.labels.map((/** @type {[string, number, number]} */ [name, lon, lat]) => ({
    name,
    x: worldX(lon),
    y: worldY(lat),
  }));
  if (packed.arcs !== undefined) return { ...fromArcs(packed), towns };
  const county = shapes(packed.shapes.county, grid).map(area);
  const borough = shapes(packed.shapes.borough, grid).map(area);
  /** @param {Area[]} list */
  const closed = (list) =>
    list.flatMap((one) =>
      one.rings.map((ring) => {
        const line = Float64Array.from([...ring, ring[0], ring[1]]);
        return { rings: [line], box: boxOf([line]) };
      }),
    );
  const only = { land: [...county, ...borough], lines: { a: closed(county), b: closed(borough) } };
  return { detail: () => only, towns };
}

/**
 * The last node stands for all origins together: in their middle, weighted by their counts.
 * Where a view of them holds records of origins that are not shown on their own, their number is
 * not told.
 * @param {Nodes} nodes
 * @param {Flows} flows
 * @param {boolean} together
 */
function placeHub(nodes, flows, together) {
  const hub = nodes.n - 1;
  let x = 0;
  let y = 0;
  let weight = 0;
  const origins = new Set();
  for (let i = 0; i < flows.n; i++) {
    const origin = flows.origin[i];
    if (!(flows.count[i] > 0) || Number.isNaN(nodes.x[origin]) || isWide(nodes, origin)) continue;
    if (!nodes.rest[origin]) origins.add(nodes.same[origin]);
    x += flows.count[i] * nodes.x[origin];
    y += flows.count[i] * nodes.y[origin];
    weight += flows.count[i];
  }
  if (weight > 0) {
    nodes.x[hub] = x / weight;
    nodes.y[hub] = y / weight;
  }
  nodes.name[hub] = together ? TEXT.allOriginsTogether : TEXT.allOrigins(origins.size);
  return { hub, origins: origins.size };
}

/**
 * Too large for a point to stand for it.
 * @param {Nodes} nodes
 * @param {number} node
 */
export const isWide = (nodes, node) =>
  nodes.level[node] === "region" || nodes.level[node] === "nation";

/**
 * All that the page knows.
 * @param {any} payload
 * @returns {Model}
 */
export function read(payload) {
  const base = baseOf(payload.base, payload.grid);
  const nodes = nodesOf(payload.nodes, payload.grid, base, payload.statements);
  /** @type {number[]} */
  const originNodes = payload.slots.originNodes;
  const flows = flowsOf(payload.flows, payload.style.bandEdges);
  const whereTo = payload.whereTo ? flowsOf(payload.whereTo, payload.style.bandEdges) : null;
  const hub = placeHub(nodes, flows, whereTo !== null);
  if (whereTo) whereTo.origin.fill(hub.hub);
  if (payload.reach) {
    const [low, high] = payload.reach.map(nullable);
    nodes.reach = { low: [NaN, ...low], high: [NaN, ...high] };
  }
  return {
    title: payload.title,
    subtitle: payload.subtitle,
    panes: payload.panes,
    statements: payload.statements,
    headlines: payload.headlines,
    caveats: payload.caveats,
    basis: payload.basis,
    attributions: payload.attributions,
    style: payload.style,
    rule: payload.rule || null,
    hidden: payload.hidden || "",
    hiddenApart: (payload.whereTo ? payload.hiddenApart : payload.hidden) || "",
    tiles: payload.tiles,
    base,
    nodes,
    flows,
    whereTo,
    ...hub,
    originSlot: new Map(originNodes.map((node, i) => [node, payload.slots.originSlots[i]])),
    measureSlot: payload.slots.measureSlots,
  };
}
