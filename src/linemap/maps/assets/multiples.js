/* Small multiples: one small map an origin, all on one scale and one extent. */
linemap.multiples = (function () {
  const { dom, words, paint } = linemap;
  const { el, said } = dom;
  const FIRST = 12;

  /* The app, as far as painting sees it, with the flows of one origin only. */
  function only(app, origin) {
    const visible = app.visible.filter((i) => app.flows.origin[i] === origin);
    const touched = new Uint8Array(app.model.nodes.n);
    for (const i of visible) touched[app.flows.destination[i]] = 1;
    return Object.create(app, {
      visible: { value: visible },
      drawn: { value: visible.length },
      quiet: { value: false },
      touched: { value: touched },
      order: { value: app.order.filter((node) => node === origin || touched[node]) },
      outlined: { value: () => [] },
      textSize: { value: app.textSize * 0.84 },
    });
  }

  function draw(app, canvas, origin, extent) {
    const wide = canvas.clientWidth, high = canvas.clientHeight;
    if (!wide || !high) return;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = wide * ratio;
    canvas.height = high * ratio;
    const scale = Math.min(wide / (extent.x1 - extent.x0), high / (extent.y1 - extent.y0)) * 0.86;
    const view = {
      scale, width: wide, height: high,
      left: ((extent.x0 + extent.x1) / 2) * scale - wide / 2,
      top: ((extent.y0 + extent.y1) / 2) * scale - high / 2,
    };
    const part = only(app, origin);
    const ctx = canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint.under(ctx, view, part);
    paint.whole(ctx, view, part, 0);
  }

  function build(app) {
    const box = el("div", { class: "multiples" });
    let shown = FIRST;
    function refresh() {
      const n = new Map();
      for (const i of app.visible) n.set(app.flows.origin[i], (n.get(app.flows.origin[i]) || 0) + 1);
      const origins = [...n.keys()].sort((a, b) => n.get(b) - n.get(a) || a - b);
      const noun = app.model.statements ? "statement" : "flow";
      const cards = origins.slice(0, shown).map((origin) => {
        const canvas = el("canvas", { role: "img", "aria-label": `Map of the flows from ${words.name(app.model.nodes.name[origin])}` });
        const card = el("li", { class: "multiple" },
          el("h3", null, el("button", { type: "button", class: "link", on: { click: () => { app.show("map"); app.select(origin); } } }, said(words.name(app.model.nodes.name[origin])))),
          el("p", { class: "quiet" }, `${words.plural(n.get(origin), noun)} on the map`),
          canvas);
        return { origin, canvas, card };
      });
      dom.clear(box).append(
        el("p", { class: "quiet" }, "One small map for each origin, all with the same widths and the same extent."),
        el("ul", { class: "multiples-grid" }, cards.map(({ card }) => card)));
      if (origins.length === 0) box.append(el("p", null, "There is nothing to draw."));
      if (origins.length > shown) {
        box.append(el("button", { type: "button", class: "button", on: { click: () => { shown += FIRST; refresh(); } } },
          `Show more of ${words.number(origins.length)} origins`));
      }
      const extent = app.extent();
      for (const { origin, canvas } of cards) draw(app, canvas, origin, extent);
    }
    return { box, refresh };
  }

  return { build };
})();
