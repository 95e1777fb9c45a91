/* From the page's data block to typed columns. */
linemap.data = (function () {
  function bytes(base64) {
    const text = atob(base64);
    const out = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
    return out;
  }

  /* Base-128 integers, least significant seven bits first. */
  function integers(base64) {
    const from = bytes(base64);
    let n = 0;
    for (let i = 0; i < from.length; i++) if (from[i] < 128) n++;
    const out = new Float64Array(n);
    let value = 0, scale = 1, k = 0;
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

  const unfold = (value) => (value % 2 ? -(value + 1) / 2 : value / 2);

  function differences(base64) {
    const out = integers(base64);
    let sum = 0;
    for (let i = 0; i < out.length; i++) {
      sum += unfold(out[i]);
      out[i] = sum;
    }
    return out;
  }

  /* 0 stands for null, which becomes NaN; else the number is one less. */
  function nullable(base64) {
    const out = integers(base64);
    for (let i = 0; i < out.length; i++) out[i] = out[i] === 0 ? NaN : out[i] - 1;
    return out;
  }

  /* A column of texts: their codes (0 for null), the texts by code, and the text of a row. */
  function textColumn(column, n) {
    const codes = column.index === undefined
      ? new Uint32Array(n).fill(column.same || 0)
      : new Uint32Array(integers(column.index));
    const texts = [null, ...column.texts];
    return { codes, texts, at: (i) => texts[codes[i]] };
  }

  function identifiers(column, n) {
    if (column.texts !== undefined) return textColumn(column, n).at;
    const numbers = column.numbers === undefined
      ? Float64Array.from({ length: n }, (_, i) => column.from + i) : differences(column.numbers);
    return (i) => column.prefix + String(numbers[i]).padStart(column.digits, "0");
  }

  /* Polygons: for each its rings, for each ring its points as lon, lat, lon, lat, ... */
  function shapes(base64, grid) {
    const from = integers(base64);
    const out = [];
    let k = 0;
    while (k < from.length) {
      const rings = [];
      for (let r = from[k++]; r > 0; r--) {
        const ring = new Float64Array(2 * from[k++]);
        let lon = 0, lat = 0;
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

  /* Web Mercator at zoom 0: the world is a square of 256. */
  const worldX = (lon) => ((lon + 180) / 360) * 256;
  const worldY = (lat) => {
    const s = Math.sin((lat * Math.PI) / 180);
    return 128 - (64 / Math.PI) * Math.log((1 + s) / (1 - s));
  };

  function project(rings) {
    return rings.map((ring) => {
      const out = new Float64Array(ring.length);
      for (let i = 0; i < ring.length; i += 2) {
        out[i] = worldX(ring[i]);
        out[i + 1] = worldY(ring[i + 1]);
      }
      return out;
    });
  }

  function box(rings) {
    let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
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

  const area = (rings) => {
    const projected = project(rings);
    return { rings: projected, box: box(projected) };
  };

  const UNPLACED = -(2 ** 30);

  /* The areas of the base map that make up a place, at a degree of detail: rings to fill, and the
     arcs that only one of them has, which are its outer line. */
  function made(numbers, base) {
    const times = new Map();
    for (const number of numbers) {
      for (const arc of base.areaArcs[number]) times.set(arc, (times.get(arc) || 0) + 1);
    }
    return remembered((rank) => {
      const { land, arcs } = base.detail(rank);
      const rings = numbers.flatMap((number) => land[number].rings);
      const lines = [...times].filter(([, n]) => n === 1).map(([arc]) => arcs[arc]);
      return { rings, lines, box: box(rings) };
    });
  }

  /* A function of a rank that does its work once a rank. */
  function remembered(make) {
    const known = [];
    return (rank) => (known[rank] = known[rank] || make(rank));
  }

  function nodes(packed, grid, base) {
    const lon = differences(packed.lon), lat = differences(packed.lat);
    const n = lon.length;
    const name = textColumn(packed.name, n);
    const level = textColumn(packed.level, n);
    /* number 0 is "not stated" */
    const out = {
      n: n + 1,
      name: [null], level: [null],
      x: new Float64Array(n + 1).fill(NaN), y: new Float64Array(n + 1).fill(NaN),
      outline: new Map(), parents: {},
    };
    for (let i = 0; i < n; i++) {
      out.name.push(name.at(i));
      out.level.push(level.at(i));
      if (lon[i] !== UNPLACED) {
        out.x[i + 1] = worldX(lon[i] / 1e5);
        out.y[i + 1] = worldY(lat[i] / 1e5);
      }
    }
    for (const [node, numbers] of Object.entries(packed.areas)) {
      out.outline.set(Number(node), made(numbers, base));
    }
    const outlined = integers(packed.outlined);
    shapes(packed.outlines, grid).forEach((rings, i) => out.outline.set(outlined[i], remembered(() => area(rings))));
    for (const [key, column] of Object.entries(packed.parents)) {
      out.parents[key] = [0, ...integers(column)];
    }
    return out;
  }

  /* Largest first, then places named only, then those mentioned; else as the release has them. */
  function drawingOrder(count, qualifier) {
    const last = qualifier.texts.indexOf("mentioned");
    const rank = (i) => (last > 0 && qualifier.codes[i] === last ? 2 : Number.isNaN(count[i]) ? 1 : 0);
    const n = count.length, most = count.reduce((a, b) => Math.max(a, b || 0), 0);
    if ((most + 1) * 3 * n < 2 ** 53) {
      /* one number a flow holds its rank, its count and its turn: the quickest thing to sort */
      const keys = new Float64Array(n), order = new Uint32Array(n);
      for (let i = 0; i < n; i++) keys[i] = (rank(i) * (most + 1) + most - (count[i] || 0)) * n + i;
      keys.sort();
      for (let i = 0; i < n; i++) order[i] = keys[i] % n;
      return order;
    }
    return Uint32Array.from(count.keys()).sort((a, b) =>
      rank(a) - rank(b) || (count[b] || 0) - (count[a] || 0) || a - b);
  }

  function flows(packed, edges) {
    const { n } = packed;
    const read = (name) => textColumn(packed[name], n);
    const count = nullable(packed.count);
    for (let i = 0; i < n; i++) count[i] *= packed.step;
    const qualifier = read("qualifier");
    const order = drawingOrder(count, qualifier);
    const mentioned = qualifier.texts.indexOf("mentioned", 1);
    const sorted = (values) => {
      const out = new values.constructor(n);
      for (let i = 0; i < n; i++) out[i] = values[order[i]];
      return out;
    };
    const column = (one) => {
      const codes = sorted(one.codes);
      return { codes, texts: one.texts, at: (i) => one.texts[codes[i]] };
    };
    const km = nullable(packed.km), low = nullable(packed.low), high = nullable(packed.high);
    for (let i = 0; i < n; i++) {
      low[i] = (km[i] - low[i]) / 10;
      high[i] = (km[i] + high[i]) / 10;
      km[i] /= 10;
    }
    const id = identifiers(packed.id, n);
    const window = read("window");
    const half = (which) => ({
      codes: window.codes, texts: window.texts.map((text) => (text && text.split("/")[which]) || null),
    });
    const kind = new Uint8Array(n);
    for (let i = 0; i < n; i++) kind[i] = qualifier.codes[i] === mentioned ? 2 : Number.isNaN(count[i]) ? 1 : 0;
    return {
      n,
      kind: sorted(kind), // 0 counted, 1 named only, 2 mentioned
      id: (i) => id(order[i]),
      origin: sorted(new Uint32Array(integers(packed.origin))),
      destination: sorted(new Uint32Array(integers(packed.destination))),
      count: sorted(count), km: sorted(km), low: sorted(low), high: sorted(high),
      band: sorted(bands(km, edges, packed.banded)),
      measure: column(read("measure")), qualifier: column(qualifier),
      start: column(half(0)), end: column(half(1)),
      source: column(read("source")), published: column(read("published")),
      url: column(read("url")), note: column(read("note")),
      external: column(read("external")), pane: column(read("pane")),
      tags: packed.tags.map((tag) => ({ name: tag.name, ...column(textColumn(tag, n)) })),
    };
  }

  function bands(km, edges, banded) {
    const out = new Int8Array(km.length);
    for (let i = 0; i < out.length; i++) {
      let band = Number.isNaN(km[i]) ? -1 : 0;
      for (const edge of edges) if (km[i] > edge) band++;
      out[i] = band;
    }
    const moved = integers(banded[0]), to = integers(banded[1]);
    moved.forEach((i, k) => { out[i] = to[k]; });
    return out;
  }

  /* The base map in three degrees of detail, each made when it is first seen: land to fill, and
     lines of each kind to stroke. */
  function linesOf(kinds, arcs) {
    const lines = {};
    arcs.forEach((arc, i) => {
      if (arc.length < 4) return;
      (lines[kinds[i]] = lines[kinds[i]] || []).push({ rings: [arc], box: box([arc]) });
    });
    return lines;
  }

  function fromArcs(packed) {
    const from = integers(packed.arcs), ranks = bytes(packed.ranks);
    const xs = [], ys = [], starts = [0];
    let k = 0, x = 0, y = 0;
    while (k < from.length) {
      for (let n = from[k++]; n > 0; n--) {
        x += unfold(from[k++]);
        y += unfold(from[k++]);
        xs.push(worldX(x * packed.quantum));
        ys.push(worldY(y * packed.quantum));
      }
      starts.push(xs.length);
    }
    const rankOf = (vertex) => (ranks[vertex >> 2] >> (2 * (vertex & 3))) & 3;
    const arcsAt = (rank) => starts.slice(0, -1).map((start, i) => {
      const points = new Float64Array(2 * (starts[i + 1] - start));
      let k = 0;
      for (let v = start; v < starts[i + 1]; v++) {
        if (rankOf(v) > rank) continue;
        points[k++] = xs[v];
        points[k++] = ys[v];
      }
      return points.subarray(0, k);
    });
    return {
      detail: remembered((rank) => {
        const arcs = arcsAt(rank);
        return { arcs, land: packed.rings.map((rings) => joined(rings, arcs)), lines: linesOf(packed.kinds, arcs) };
      }),
      areaArcs: packed.rings.map((rings) => rings.flat().map((arc) => (arc < 0 ? -1 - arc : arc))),
    };
  }

  /* Rings from their arcs, `-1 - i` being arc i backwards. */
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
    return { rings: whole, box: box(whole) };
  }

  function base(packed, grid) {
    const towns = packed.labels.map(([name, lon, lat]) => ({ name, x: worldX(lon), y: worldY(lat) }));
    if (packed.arcs !== undefined) return { ...fromArcs(packed), towns };
    const county = shapes(packed.shapes.county, grid).map(area);
    const borough = shapes(packed.shapes.borough, grid).map(area);
    const closed = (list) => list.flatMap((one) => one.rings.map((ring) => {
      const line = Float64Array.from([...ring, ring[0], ring[1]]);
      return { rings: [line], box: box([line]) };
    }));
    const only = { land: [...county, ...borough], lines: { a: closed(county), b: closed(borough) } };
    return { detail: () => only, towns };
  }

  /* All that the page knows. */
  function read(payload) {
    const model = { ...payload };
    model.base = base(payload.base, payload.grid);
    model.nodes = nodes(payload.nodes, payload.grid, model.base);
    model.flows = flows(payload.flows, payload.style.bandEdges);
    model.originSlot = new Map(
      payload.slots.originNodes.map((node, i) => [node, payload.slots.originSlots[i]]));
    model.measureSlot = payload.slots.measureSlots;
    return model;
  }

  return { read, worldX, worldY };
})();
