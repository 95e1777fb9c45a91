/* Names and numbers on the map: placed one by one, the most important first, none over another. */
linemap.labels = (function () {
  const { words, paint } = linemap;
  const { width } = paint;
  const TURN = Math.PI * 2;

  const GAP = 3;

  /* Places labels one by one, most important first; one that would collide is left out. */
  function placer(ctx, view) {
    const taken = [];
    const edgeX = (view.bleedX || 0) + 2, edgeY = (view.bleedY || 0) + 2;
    const free = (b) => taken.every((o) => b.x1 < o.x0 || b.x0 > o.x1 || b.y1 < o.y0 || b.y0 > o.y1);
    return {
      block: (x, y, r) => taken.push({ x0: x - r, x1: x + r, y0: y - r, y1: y + r }),
      place(text, x, y, r, size, sides) {
        const wide = ctx.measureText(text).width, high = size * 1.15;
        for (const [right, down, far] of sides) {
          const gap = r + GAP + far;
          const slant = right && down ? 0.6 : 1;
          const left = right > 0 ? x + gap * slant : right < 0 ? x - gap * slant - wide : x - wide / 2;
          const top = down > 0 ? y + gap * slant : down < 0 ? y - gap * slant - high : y - high / 2;
          const box = { x0: left - 2, x1: left + wide + 2, y0: top, y1: top + high };
          if (box.x0 < edgeX || box.x1 > view.width - edgeX || box.y0 < edgeY || box.y1 > view.height - edgeY) continue;
          if (!free(box)) continue;
          taken.push(box);
          return { x: left, y: top + high / 2, far, wide };
        }
        return null;
      },
    };
  }

  /* right, down, and how far away: beside the place, then aslant; origins also further off */
  const BESIDE = [[1, 0, 0], [-1, 0, 0], [0, -1, 0], [0, 1, 0]];
  const ASLANT = [[1, -1, 0], [-1, -1, 0], [1, 1, 0], [-1, 1, 0]];
  const OFF = [12, 20, 30, 42, 56].flatMap((far) => [...ASLANT, ...BESIDE].map(([right, down]) => [right, down, far]));
  const SIDES = [...BESIDE, ...ASLANT];
  const MIDDLE = [[0, 0, 0]];
  const SHORT = 34;
  const short = (text) => {
    const letters = Array.from(text);
    return letters.length > SHORT ? `${letters.slice(0, SHORT - 1).join("")}…` : text;
  };

  /* Paints what was placed: leaders first, each text above its halo, the most important last. */
  function paintAll(ctx, marks) {
    for (const mark of marks) if (mark.from) leader(ctx, mark);
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

  /* From a label that stands off to its place. */
  function leader(ctx, { from, at, colour, halo }) {
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

  function labels(ctx, view, app, pane) {
    const { theme, model } = app;
    const size = app.textSize;
    const put = placer(ctx, view);
    const marks = [];
    const mark = (text, at, colour, more) => marks.push({ font: ctx.font, text, at, colour, halo: theme.land, alpha: 1, ...more });
    const font = (weight, times) => `${weight} ${size * times}px ${app.font}`;
    ctx.globalAlpha = 1;
    const here = app.order.filter((node) => !pane || app.inPane(node, pane));
    for (const node of here.slice(0, 400)) {
      if (app.quiet && !app.near.has(node)) continue;
      put.block(model.nodes.x[node] * view.scale - view.left,
        model.nodes.y[node] * view.scale - view.top, app.radius(node));
    }
    for (const node of here.slice(0, 400)) {
      if (app.quiet && !app.near.has(node)) continue;
      const origin = app.isOrigin[node];
      ctx.font = font(origin ? 700 : 600, origin ? 1.08 : 1);
      const text = short(app.label(node));
      const x = model.nodes.x[node] * view.scale - view.left;
      const y = model.nodes.y[node] * view.scale - view.top;
      if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
      const at = put.place(text, x, y, app.radius(node), size, origin ? [...SIDES, ...OFF] : SIDES);
      if (!at) continue;
      mark(text, at, origin ? app.originColour(node) : theme.ink, { from: at.far ? { x, y } : null });
    }
    numbers(ctx, view, app, pane, put, font, mark);
    if (!model.tiles && Math.log2(view.scale) >= 6.4) towns(ctx, view, app, put, font, mark);
    paintAll(ctx, marks);
  }

  /* Counts written on the widest flows. */
  function numbers(ctx, view, app, pane, put, font, mark) {
    ctx.font = font(700, 0.92);
    let left = 24;
    for (const i of app.visible) {
      if (left === 0 || Number.isNaN(app.flows.count[i])) break;
      if (app.curves.kind[i] !== 1 || (pane && app.flows.pane.codes[i] !== pane)) continue;
      if (app.quiet && !app.stands(i)) continue;
      if (!app.quiet && width(app, i) * app.slim < 3) break;
      left--;
      const c = app.curves;
      const x = (c.ax[i] + 2 * c.cx[i] + c.bx[i]) / 4, y = (c.ay[i] + 2 * c.cy[i] + c.by[i]) / 4;
      const text = words.number(app.flows.count[i]);
      const at = put.place(text, x * view.scale - view.left, y * view.scale - view.top, -GAP,
        app.textSize, MIDDLE);
      if (at) mark(text, at, app.colourOf(i));
    }
  }

  function towns(ctx, view, app, put, font, mark) {
    ctx.font = font(400, 0.86);
    let left = 26;
    if (app.order.length > 500) return;
    const named = new Set(app.order.map((node) => app.model.nodes.name[node]));
    for (const town of app.model.base.towns) {
      const x = town.x * view.scale - view.left, y = town.y * view.scale - view.top;
      if (left === 0) break;
      if (x < 0 || y < 0 || x > view.width || y > view.height || named.has(town.name)) continue;
      const at = put.place(town.name, x, y, 2, app.textSize * 0.86, BESIDE.slice(0, 2));
      if (!at) continue;
      left--;
      mark(town.name, at, app.theme.quiet, { alpha: 0.75 });
      ctx.globalAlpha = 0.75;
      ctx.beginPath();
      ctx.arc(x, y, 1.4, 0, TURN);
      ctx.fillStyle = app.theme.quiet;
      ctx.fill();
      ctx.globalAlpha = 1;
    }
  }

  return labels;
})();
