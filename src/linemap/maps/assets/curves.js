/* Where each flow runs: a quadratic curve in the square world of Web Mercator at zoom 0.
   Rules, after Jenny and others (2018): symmetric curves; longer ones bend more; those of
   opposite direction lie apart; flows spread around their nodes and keep off the others. */
linemap.curves = (function () {
  const LONG = 4.6; // world units: about 600 km at the latitude of England
  const CAREFUL = 1200; // up to so many flows, each tries several bends
  const TRIES = [1, 1.45, 0.62, 1.9, 0.3, 2.4, -0.6, -1, -1.45];
  const SAMPLES = 14;

  /* How far the middle of a curve lies from the straight line, as a share of its length. */
  const bend = (length) => 0.07 + 0.09 * Math.min(1, length / LONG);

  function control(out, i, share) {
    const dx = out.bx[i] - out.ax[i], dy = out.by[i] - out.ay[i];
    out.cx[i] = (out.ax[i] + out.bx[i]) / 2 + dy * share * 2;
    out.cy[i] = (out.ay[i] + out.by[i]) / 2 - dx * share * 2;
    out.share[i] = share;
  }

  const pairOf = (a, b) => a * 2097152 + b;

  function layout(flows, nodes, pixel, widths) {
    const n = flows.n;
    const column = () => new Float64Array(n);
    const out = {
      n, ax: column(), ay: column(), bx: column(), by: column(), cx: column(), cy: column(),
      share: column(), kind: new Uint8Array(n), // 0 no place, 1 curve, 2 loop
    };
    const same = new Map();
    const careful = [];
    for (let i = 0; i < n; i++) {
      const a = flows.origin[i], b = flows.destination[i];
      out.ax[i] = nodes.x[a];
      out.ay[i] = nodes.y[a];
      out.bx[i] = nodes.x[b];
      out.by[i] = nodes.y[b];
      if (!(out.ax[i] * out.bx[i] > 0)) continue;
      const length = Math.hypot(out.bx[i] - out.ax[i], out.by[i] - out.ay[i]);
      out.kind[i] = length < 1e-6 ? 2 : 1;
      const key = pairOf(a, b) + flows.pane.codes[i] * 0.5;
      const turn = same.get(key) || 0;
      same.set(key, turn + 1);
      out.cx[i] = out.ax[i];
      out.cy[i] = out.ay[i];
      if (out.kind[i] === 2) {
        out.share[i] = turn;
        continue;
      }
      control(out, i, bend(length) + turn * Math.min(0.16, (9 * pixel) / length + 0.02));
      careful.push(i);
    }
    if (careful.length <= CAREFUL) avoid(out, careful, flows, nodes, pixel, widths, same);
    return out;
  }

  /* Largest first, each flow takes the bend that costs least. */
  function avoid(out, careful, flows, nodes, pixel, widths, same) {
    const used = new Set();
    for (const i of careful) used.add(flows.origin[i]).add(flows.destination[i]);
    const others = [...used];
    const around = new Map();
    const px = new Float64Array(SAMPLES), py = new Float64Array(SAMPLES);
    for (const i of careful) {
      const a = flows.origin[i], b = flows.destination[i];
      const first = out.share[i];
      const both = [...same.keys()].length && same.has(pairOf(b, a) + flows.pane.codes[i] * 0.5);
      let best = first, least = Infinity;
      for (const times of TRIES) {
        if (both && times < 0) continue;
        control(out, i, first * times);
        const cost = price(out, i, a, b, others, nodes, pixel, widths[i], around, px, py)
          + 0.7 * Math.abs(times - 1) + (times < 0 ? 0.6 : 0);
        if (cost < least) {
          least = cost;
          best = first * times;
        }
        if (least === 0) break;
      }
      control(out, i, best);
      for (const [node, angle] of ends(out, i, a, b)) {
        if (!around.has(node)) around.set(node, []);
        around.get(node).push([angle, widths[i]]);
      }
    }
  }

  function ends(out, i, a, b) {
    return [
      [a, Math.atan2(out.cy[i] - out.ay[i], out.cx[i] - out.ax[i])],
      [b, Math.atan2(out.cy[i] - out.by[i], out.cx[i] - out.bx[i])],
    ];
  }

  function price(out, i, a, b, others, nodes, pixel, width, around, px, py) {
    for (let s = 0; s < SAMPLES; s++) {
      const t = (s + 1) / (SAMPLES + 1), u = 1 - t;
      px[s] = u * u * out.ax[i] + 2 * u * t * out.cx[i] + t * t * out.bx[i];
      py[s] = u * u * out.ay[i] + 2 * u * t * out.cy[i] + t * t * out.by[i];
    }
    let cost = 0;
    const near = (6 + width / 2) * pixel;
    for (const node of others) {
      if (node === a || node === b) continue;
      const x = nodes.x[node], y = nodes.y[node];
      let least = Infinity;
      for (let s = 0; s < SAMPLES; s++) {
        const d = Math.hypot(px[s] - x, py[s] - y);
        if (d < least) least = d;
      }
      if (least < near) cost += 3 * (1 - least / near) + 0.5;
    }
    for (const [node, angle] of ends(out, i, a, b)) {
      for (const [other, wide] of around.get(node) || []) {
        let apart = Math.abs(angle - other);
        if (apart > Math.PI) apart = 2 * Math.PI - apart;
        const wanted = 0.07 + (width + wide) * 0.006;
        if (apart < wanted) cost += 1.4 * (1 - apart / wanted);
      }
    }
    return cost;
  }

  /* The part of curve i from t0 to t1, in place of the whole; written into `part`. */
  function between(curves, i, t0, t1, part) {
    const at = (a, c, b, t) => (1 - t) * ((1 - t) * a + t * c) + t * ((1 - t) * c + t * b);
    const mid = (a, c, b) =>
      (1 - t0) * ((1 - t1) * a + t1 * c) + t0 * ((1 - t1) * c + t1 * b);
    const { ax, ay, bx, by, cx, cy } = curves;
    part.ax = at(ax[i], cx[i], bx[i], t0);
    part.ay = at(ay[i], cy[i], by[i], t0);
    part.bx = at(ax[i], cx[i], bx[i], t1);
    part.by = at(ay[i], cy[i], by[i], t1);
    part.cx = mid(ax[i], cx[i], bx[i]);
    part.cy = mid(ay[i], cy[i], by[i]);
    return part;
  }

  /* The distance of a point from curve i, in world units. */
  function distance(curves, i, x, y) {
    const { ax, ay, bx, by, cx, cy } = curves;
    let least = Infinity, lx = ax[i], ly = ay[i];
    for (let s = 1; s <= 24; s++) {
      const t = s / 24, u = 1 - t;
      const px = u * u * ax[i] + 2 * u * t * cx[i] + t * t * bx[i];
      const py = u * u * ay[i] + 2 * u * t * cy[i] + t * t * by[i];
      const dx = px - lx, dy = py - ly;
      const along = dx * dx + dy * dy;
      const share = along ? Math.max(0, Math.min(1, ((x - lx) * dx + (y - ly) * dy) / along)) : 0;
      least = Math.min(least, Math.hypot(x - lx - share * dx, y - ly - share * dy));
      lx = px;
      ly = py;
    }
    return least;
  }

  return { layout, between, distance };
})();
