/* The page: its head, its views, its side, its foot; and its maps. */
linemap.page = (function () {
  const { dom, paint, canvas, panel, table, multiples, exports } = linemap;
  const { el, said } = dom;
  const query = (text) => window.matchMedia(text);

  function figures(app) {
    return el("dl", { class: "figures" }, app.model.headlines.map((one) =>
      el("div", null, el("dt", null, said(one.label)), el("dd", { class: "value" }, said(one.value)), one.note ? el("dd", { class: "note" }, said(one.note)) : null)));
  }

  function about(app) {
    const { model } = app;
    return [
      el("ul", null, model.caveats.map((text) => el("li", null, said(text)))),
      el("p", null, said(model.basis)),
      model.tiles ? el("p", null, "This page loads its background from ", said(model.tiles.host), ", which can see who opens it. ", said(model.tiles.attribution)) : null,
      el("h3", null, "Places and boundaries"),
      el("ul", null, model.attributions.map((text) => el("li", null, said(text)))),
      el("p", { class: "quiet" }, "Made with linemap. Map by Leaflet, © Volodymyr Agafonkin and CloudMade, BSD 2-Clause."),
    ];
  }

  function build(app) {
    const { model } = app;
    const views = [["map", "Map"], ["origins", "By origin"], ["table", "Table"]];
    const parts = app.parts = {};
    parts.tabs = new Map(views.map(([key, text]) => [key, el("button", { type: "button", class: "tab", "aria-pressed": "false", on: { click: () => app.show(key) } }, text)]));
    parts.status = el("p", { class: "status", role: "status" });
    parts.legend = el("div", { class: "legend-body" });
    parts.legendBox = el("details", { class: "legend" }, el("summary", null, "Legend"), parts.legend);
    parts.chosen = el("section", { class: "chosen", "aria-label": "Selection" });
    parts.filters = el("div", { class: "filters" });
    parts.table = table.build(app);
    parts.multiples = multiples.build(app);
    parts.paper = el("div", { class: "paper" });
    parts.tip = el("div", { class: "tip", hidden: true });
    parts.maps = model.panes.map((title, k) => {
      const box = el("div", { class: "map", role: "region", tabindex: 0, "aria-label": title ? `Map of flows: ${title}` : "Map of flows. Every flow is also in the table." });
      return { title, box, holder: el("div", { class: "pane" }, title ? el("h2", { class: "pane-title" }, said(title)) : null, box), index: k };
    });
    const theme = el("select", { id: "linemap-theme", on: { change: () => { app.chosen.theme = theme.value; app.rethemed(); } } },
      [["auto", "as the system"], ["light", "light"], ["dark", "dark"], ["contrast", "high contrast"]].map(([value, text]) => el("option", { value, selected: value === app.chosen.theme }, text)));
    const act = (text, action) => el("button", { type: "button", class: "button", on: { click: action } }, text);
    parts.mapView = el("section", { class: "view map-view", "aria-label": "Map" },
      el("h2", { class: "unseen" }, "Map"),
      el("div", { class: `panes panes-${model.panes.length}` }, parts.maps.map((map) => map.holder)),
      parts.legendBox, parts.status, zoomButtons(app));
    parts.originsView = el("section", { class: "view origins-view", "aria-label": "By origin", hidden: true }, el("h2", { class: "unseen" }, "By origin"), parts.multiples.box);
    parts.tableView = el("section", { class: "view table-view", "aria-label": "Table", hidden: true }, el("h2", { class: "unseen" }, "Table"), parts.table.box);
    parts.filterBox = el("details", { class: "box" }, el("summary", null, "Filters"), parts.filters);
    parts.aboutBox = el("details", { class: "box about" }, el("summary", null, "About these figures"), about(app));
    const root = dom.clear(document.getElementById("linemap"));
    root.className = "linemap";
    root.append(
      el("header", { class: "top" },
        el("button", { type: "button", class: "skip", on: { click: () => { app.show("table"); parts.tabs.get("table").focus(); } } }, "Go to the table of flows"),
        el("div", { class: "titles" }, el("h1", null, said(model.title)), model.subtitle ? el("p", { class: "subtitle" }, said(model.subtitle)) : null),
        figures(app)),
      el("nav", { class: "bar", "aria-label": "Views" }, el("div", { class: "tabs" }, [...parts.tabs.values()]), panel.search(app)),
      el("main", { class: "body" },
        el("div", { class: "stage" }, parts.mapView, parts.originsView, parts.tableView),
        el("aside", { class: "side", "aria-label": "Details and filters" },
          parts.chosen,
          parts.filterBox,
          el("details", { class: "box" }, el("summary", null, "Take it along"),
            el("p", { class: "tools" }, act("CSV", () => exports.csv(app, null)), act("SVG", () => exports.svg(app)), act("PNG", () => exports.png(app)), act("Print", () => window.print())),
            el("p", { class: "facet pair" }, el("label", { for: "linemap-theme", class: "facet-title" }, "Colours"), theme)),
          parts.aboutBox)),
      el("footer", { class: "foot" }, el("p", null, said(model.caveats[0] || "")), el("p", { class: "quiet" }, said(model.basis))),
      parts.paper,
      parts.tip);
    parts.legendBox.open = window.innerWidth > (app.model.panes.length > 1 ? 1500 : 700);
    parts.filterBox.open = window.innerWidth > 1000;
    parts.aboutBox.open = window.innerWidth > 1000;
  }

  function zoomButtons(app) {
    const button = (text, name, action) => el("button", { type: "button", "aria-label": name, title: name, on: { click: action } }, text);
    return el("div", { class: "zoom" },
      button("+", "Zoom in", () => app.panes[0].leaflet.zoomIn()),
      button("−", "Zoom out", () => app.panes[0].leaflet.zoomOut()),
      button("⤢", "Show all flows", () => app.fit()));
  }

  function makeMaps(app, api) {
    const calm = query("(prefers-reduced-motion: reduce)").matches;
    app.panes = app.parts.maps.map((part) => {
      const leaflet = L.map(part.box, {
        attributionControl: Boolean(app.model.tiles), zoomControl: false, zoomSnap: 0.05, zoomDelta: 0.75, wheelPxPerZoomLevel: 110,
        minZoom: 3, maxZoom: 13, zoomAnimation: !calm, inertia: !calm, fadeAnimation: !calm, keyboardPanDelta: 90,
        center: [54.5, -3], zoom: 5,
      });
      if (app.model.tiles) {
        leaflet.attributionControl.setPrefix(false);
        L.tileLayer(app.model.tiles.address).addTo(leaflet);
      }
      const code = app.model.flows.pane.texts.indexOf(String(part.index));
      const layer = canvas.create(app, app.model.panes.length > 1 ? code : 0);
      const pane = { leaflet, layer, code, part };
      leaflet.on("zoomend", () => app.rescaled());
      leaflet.on("click", (event) => app.click(pane, event.containerPoint));
      part.box.addEventListener("pointermove", (event) => { if (event.pointerType !== "touch") app.hover(pane, event); });
      part.box.addEventListener("pointerleave", () => { app.parts.tip.hidden = true; });
      new ResizeObserver(() => app.resized(pane)).observe(part.box);
      return pane;
    });
    follow(app);
    api.maps = app.panes.map((pane) => ({
      leaflet: pane.leaflet,
      app,
      get complete() { return pane.layer.complete; },
      drawn: () => drawnFlows(app, pane),
    }));
  }

  /* Several maps move together. */
  function follow(app) {
    let moving = false;
    for (const pane of app.panes) {
      pane.leaflet.on("move", () => {
        if (moving) return;
        moving = true;
        for (const other of app.panes) {
          if (other !== pane) other.leaflet.setView(pane.leaflet.getCenter(), pane.leaflet.getZoom(), { animate: false });
        }
        moving = false;
      });
      pane.leaflet.on("moveend", () => app.moved());
    }
  }

  /* What is painted, for tests and for the curious: one entry a flow, in the map's pixels. */
  function drawnFlows(app, pane) {
    const view = exports.shown(app);
    const c = app.curves;
    const at = (x, y) => [x * view.scale - view.left, y * view.scale - view.top];
    return app.visible.filter((i) => app.model.panes.length === 1 || app.flows.pane.codes[i] === pane.code).map((i) => ({
      id: app.flows.id(i), width: paint.width(app, i) * paint.nearness(app, Math.log2(view.scale)), colour: app.colourOf(i), loop: c.kind[i] === 2,
      dashed: Number.isNaN(app.flows.count[i]), count: Number.isNaN(app.flows.count[i]) ? null : app.flows.count[i],
      from: at(c.ax[i], c.ay[i]), control: at(c.cx[i], c.cy[i]), to: at(c.bx[i], c.by[i]), bend: c.share[i],
    }));
  }

  return { build, makeMaps };
})();
