/* Painting, on anything that has the methods of a canvas' 2D context: the screen, a PNG, an SVG.
   A `view` turns the world into pixels: x * scale - left. */
linemap.paint = (function () {
  const { curves } = linemap;
  const TURN = Math.PI * 2;

  function path(ctx, view, rings, open) {
    for (const ring of rings) {
      ctx.moveTo(ring[0] * view.scale - view.left, ring[1] * view.scale - view.top);
      for (let i = 2; i < ring.length; i += 2) {
        ctx.lineTo(ring[i] * view.scale - view.left, ring[i + 1] * view.scale - view.top);
      }
      if (!open) ctx.closePath();
    }
  }

  function seen(view, box) {
    return box.x1 * view.scale - view.left >= 0 && box.x0 * view.scale - view.left <= view.width
      && box.y1 * view.scale - view.top >= 0 && box.y0 * view.scale - view.top <= view.height;
  }

  /* All of a kind in one path. */
  function trace(ctx, view, list, open) {
    ctx.beginPath();
    for (const one of list || []) if (seen(view, one.box)) path(ctx, view, one.rings, open);
  }

  function stroke(ctx, view, lists, colour, wide, alpha) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = wide;
    ctx.globalAlpha = alpha;
    trace(ctx, view, lists.filter(Boolean).flat(), true);
    ctx.stroke();
    ctx.globalAlpha = 1;
  }

  const rank = (zoom) => (zoom < 5.6 ? 0 : zoom < 7.8 ? 1 : 2);

  /* Sea, land, borders. With online tiles behind, only lines. */
  function base(ctx, view, app) {
    const { theme, model } = app;
    const zoom = Math.log2(view.scale);
    const { land, lines } = model.base.detail(rank(zoom));
    ctx.lineJoin = "round";
    ctx.lineCap = "round";
    if (!model.tiles) {
      ctx.fillStyle = theme.sea;
      ctx.fillRect(0, 0, view.width, view.height);
      stroke(ctx, view, [lines.c], theme.coast, 7, 0.2);
      ctx.fillStyle = theme.land;
      trace(ctx, view, land);
      ctx.fill("evenodd");
      /* the hair between neighbours */
      stroke(ctx, view, [lines.a, lines.b, lines.f, lines.n, lines.r], theme.land, 1.2, 1);
    }
    if (zoom >= 8.4) stroke(ctx, view, [lines.b], theme.border, 0.8, 0.9);
    stroke(ctx, view, [lines.a], theme.border, zoom < 6.5 ? 0.5 : 0.8, zoom < 6.5 ? 0.7 : 1);
    stroke(ctx, view, [lines.f, lines.r], theme.border, zoom < 6.5 ? 0.9 : 1.3, 1);
    stroke(ctx, view, [lines.n, lines.i], theme.coast, 1.2, 0.9);
    stroke(ctx, view, [lines.c], theme.coast, zoom < 6.5 ? 0.8 : 1.1, 1);
  }

  const WIDE = new Set(["region", "nation", "group"]); // too large to tint, one over another

  /* The outlines of areas that flows go to: where in them is not known. */
  function areas(ctx, view, app, pane) {
    const strong = new Set(app.outlined());
    const detail = rank(Math.log2(view.scale));
    for (const [node, at] of app.model.nodes.outline) {
      const chosen = strong.has(node);
      if (!chosen && (!app.touched[node] || app.reached > 60 || app.quiet)) continue;
      if (pane && !app.inPane(node, pane)) continue;
      const area = at(detail);
      if (!seen(view, area.box)) continue;
      ctx.beginPath();
      path(ctx, view, area.rings);
      ctx.fillStyle = ctx.strokeStyle = chosen ? app.theme.accent : app.theme.quiet;
      ctx.globalAlpha = chosen ? 0.13 : WIDE.has(app.model.nodes.level[node]) ? 0 : 0.045;
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

  const part = {};
  const STEP = 12; // flows between two pauses
  const QUICK = 2500; // beyond so many flows, no casings and no arrows on hair lines

  /* Lines grow a little as the reader comes nearer, and are thinner where there are many in all;
     the legend's lines with them. Filtering changes neither. */
  const nearness = (app, zoom) => app.slim * Math.min(1, Math.max(0.55, (zoom - 2.6) / 4.4));

  function width(app, i) {
    const { style } = app.model;
    const value = app.flows.count[i];
    if (Number.isNaN(value)) return style.named;
    if (!(style.largest > 0)) return style.thinnest;
    return Math.min(style.widest, Math.max(style.thinnest, (value / style.largest) * style.widest));
  }

  function outside(view, x0, y0, x1, y1, x2, y2, margin) {
    const s = view.scale;
    return Math.max(x0, x1, x2) * s - view.left < -margin
      || Math.min(x0, x1, x2) * s - view.left > view.width + margin
      || Math.max(y0, y1, y2) * s - view.top < -margin
      || Math.min(y0, y1, y2) * s - view.top > view.height + margin;
  }

  /* One flow: its casing, its line, its head. */
  function flow(ctx, view, app, i, alpha, plain) {
    const c = app.curves;
    if (outside(view, c.ax[i], c.ay[i], c.bx[i], c.by[i], c.cx[i], c.cy[i], 40)) return false;
    const colour = app.colourOf(i);
    const wide = Math.max(app.model.style.thinnest, width(app, i) * nearness(app, Math.log2(view.scale)));
    const named = Number.isNaN(app.flows.count[i]);
    const mentioned = app.flows.kind[i] === 2;
    const strength = alpha * (mentioned ? 0.45 : plain && wide < 1.5 ? 0.55 : 0.92);
    ctx.lineCap = "butt";
    if (c.kind[i] === 2) {
      pen(ctx, colour, wide, strength);
      loop(ctx, view, app, i, wide, named);
      return true;
    }
    const s = view.scale;
    const length = Math.hypot(c.bx[i] - c.ax[i], c.by[i] - c.ay[i]) * s * 1.05;
    const head = plain && wide < 1.2 ? 0 : Math.min(6 + wide * 1.15, length * 0.45);
    const stop = app.radius(app.flows.destination[i]) + 1.5;
    const t1 = Math.max(0.5, 1 - (stop + head * 0.8) / Math.max(length, 1));
    curves.between(c, i, 0, t1, part);
    ctx.beginPath();
    ctx.moveTo(part.ax * s - view.left, part.ay * s - view.top);
    ctx.quadraticCurveTo(part.cx * s - view.left, part.cy * s - view.top,
      part.bx * s - view.left, part.by * s - view.top);
    if (!plain && alpha === 1 && !named) {
      pen(ctx, app.theme.land, wide + 2.2, 0.85);
      ctx.stroke();
    }
    pen(ctx, colour, wide, strength);
    if (named) ctx.setLineDash(mentioned ? [2, 4] : [7, 4]);
    ctx.stroke();
    if (named) ctx.setLineDash([]);
    if (head) arrow(ctx, view, c, i, stop / Math.max(length, 1), head, wide);
    return true;
  }

  function pen(ctx, colour, wide, alpha) {
    ctx.strokeStyle = ctx.fillStyle = colour;
    ctx.lineWidth = wide;
    ctx.globalAlpha = alpha;
  }

  function arrow(ctx, view, c, i, gap, head, wide) {
    const s = view.scale, t = 1 - gap, u = 1 - t;
    const tipX = (u * u * c.ax[i] + 2 * u * t * c.cx[i] + t * t * c.bx[i]) * s - view.left;
    const tipY = (u * u * c.ay[i] + 2 * u * t * c.cy[i] + t * t * c.by[i]) * s - view.top;
    const fromX = part.bx * s - view.left, fromY = part.by * s - view.top;
    const far = Math.hypot(tipX - fromX, tipY - fromY) || 1;
    const dx = (tipX - fromX) / far, dy = (tipY - fromY) / far;
    const half = 3 + wide * 0.78;
    ctx.beginPath();
    ctx.moveTo(tipX, tipY);
    ctx.lineTo(tipX - dx * head - dy * half, tipY - dy * head + dx * half);
    ctx.lineTo(tipX - dx * head * 0.78, tipY - dy * head * 0.78);
    ctx.lineTo(tipX - dx * head + dy * half, tipY - dy * head - dx * half);
    ctx.closePath();
    ctx.fill();
  }

  /* From a place to itself: a ring that touches it. */
  function loop(ctx, view, app, i, wide, named) {
    const c = app.curves;
    const r = 12 + c.share[i] * (wide + 4);
    const x = c.ax[i] * view.scale - view.left, y = c.ay[i] * view.scale - view.top - r;
    if (named) ctx.setLineDash([7, 4]);
    ctx.beginPath();
    ctx.arc(x, y, r, 0, TURN);
    ctx.stroke();
    if (named) ctx.setLineDash([]);
  }

  /* The flows that pass, largest first: those that stand out and, where some do, the others. */
  function sorted(app, pane) {
    const front = [], back = [];
    for (const i of app.visible) {
      if (pane && app.flows.pane.codes[i] !== pane) continue;
      (app.quiet && !app.stands(i) ? back : front).push(i);
    }
    return { front, back, faint: 0.13 * Math.max(0.3, Math.min(1, Math.sqrt(500 / app.drawn))) };
  }

  function* strokes(ctx, view, app, list, alpha, plain) {
    let since = 0;
    for (const i of list) {
      if (flow(ctx, view, app, i, alpha, plain)) since++;
      if (since >= STEP) {
        since = 0;
        yield;
      }
    }
    ctx.globalAlpha = 1;
  }

  function* nodes(ctx, view, app, pane) {
    const { theme } = app;
    let since = 0;
    const list = app.quiet
      ? [...app.order.filter((node) => app.near.has(node)), ...app.order.filter((node) => !app.near.has(node))] : app.order;
    for (let k = list.length - 1; k >= 0; k--) {
      const node = list[k];
      if (++since % 40 === 0) yield;
      if (pane && !app.inPane(node, pane)) continue;
      const x = app.model.nodes.x[node] * view.scale - view.left;
      const y = app.model.nodes.y[node] * view.scale - view.top;
      if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) continue;
      const r = app.radius(node);
      const faint = app.quiet && !app.near.has(node);
      const origin = app.isOrigin[node];
      ctx.globalAlpha = faint ? 0.25 : 1;
      ctx.beginPath();
      ctx.arc(x, y, r, 0, TURN);
      if (origin) {
        ctx.lineWidth = 3;
        ctx.strokeStyle = theme.land;
        ctx.stroke();
        ctx.fillStyle = app.originColour(node);
        ctx.fill();
      } else if (app.model.nodes.outline.has(node)) {
        ctx.fillStyle = theme.land;
        ctx.fill();
        ctx.lineWidth = 1.6;
        ctx.strokeStyle = theme.node;
        ctx.stroke();
      } else {
        ctx.lineWidth = 2.4 * app.room;
        ctx.strokeStyle = theme.land;
        ctx.stroke();
        ctx.fillStyle = theme.node;
        ctx.fill();
      }
    }
    ctx.globalAlpha = 1;
  }

  const FIRST = 600; // flows that are painted at once, over all the rest

  /* On two sheets, so that the largest flows are seen first and yet lie above the others: on the
     upper one the largest, the places and the names; then, below, the rest, largest first. A canvas
     could as well paint "destination-over", but in software that takes ten times as long. */
  function* over(upper, lower, view, app, pane) {
    const plain = app.drawn > QUICK;
    const { front, back, faint } = sorted(app, pane);
    yield* strokes(upper, view, app, front.slice(0, FIRST).reverse(), 1, plain);
    yield* nodes(upper, view, app, pane);
    linemap.labels(upper, view, app, pane);
    yield;
    yield* strokes(lower, view, app, front.slice(FIRST), 1, plain);
    yield* strokes(lower, view, app, back, faint, true);
  }

  /* The same on one sheet and in one go, from the back to the front. */
  function whole(ctx, view, app, pane) {
    const plain = app.drawn > QUICK;
    const { front, back, faint } = sorted(app, pane);
    for (const work of [
      strokes(ctx, view, app, back.reverse(), faint, true),
      strokes(ctx, view, app, front.reverse(), 1, plain),
      nodes(ctx, view, app, pane),
    ]) while (!work.next().done);
    linemap.labels(ctx, view, app, pane);
  }

  function under(ctx, view, app, pane) {
    base(ctx, view, app);
    areas(ctx, view, app, pane);
  }

  return { base, areas, under, over, whole, width, nearness };
})();
