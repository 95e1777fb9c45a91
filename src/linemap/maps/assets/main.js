/* The whole: one object, `app`, that every part reads; it changes in `changed` and its kin only. */
(function () {
  const { dom, data, words, state, curves, paint, canvas, legend, panel, filters, table, multiples, exports } = linemap;
  const { el, said } = dom;
  const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
  const query = (text) => window.matchMedia(text);

  function makeApp(payload) {
    const model = data.read(payload);
    const app = {
      model, font: FONT, textSize: 12.5, panes: [],
      chosen: { view: "map", place: 0, flow: -1, min: 0, from: 0, to: 0, undated: true, colour: model.style.colourBy, level: "", theme: "auto", at: "" },
    };
    Object.assign(app, looks(app), reading(app));
    return app;
  }

  /* Themes and colours. */
  function looks(app) {
    const { model } = app;
    const themes = Object.fromEntries(model.style.themes.map((theme) => [theme.name, theme]));
    const forced = {
      name: "forced", sea: "Canvas", land: "Canvas", border: "GrayText", coast: "CanvasText", ink: "CanvasText",
      quiet: "CanvasText", paper: "Canvas", raised: "Canvas", rule: "CanvasText", accent: "Highlight", node: "CanvasText",
      series: ["CanvasText", "LinkText", "Highlight"], other: "GrayText", bands: model.style.bandLabels.map(() => "CanvasText"),
    };
    return {
      chooseTheme() {
        const { theme } = app.chosen;
        if (query("(forced-colors: active)").matches) app.theme = forced;
        else if (theme !== "auto") app.theme = themes[theme];
        else if (query("(prefers-contrast: more)").matches) app.theme = themes.contrast;
        else app.theme = query("(prefers-color-scheme: dark)").matches ? themes.dark : themes.light;
        app.wear(document.documentElement);
      },
      wear(root) {
        for (const key of ["sea", "land", "border", "coast", "ink", "quiet", "paper", "raised", "rule", "accent"]) {
          root.style.setProperty(`--${key}`, app.theme[key]);
        }
        root.style.setProperty("color-scheme", app.theme.name === "dark" ? "dark" : "light");
      },
      inTheme(name, act) {
        const before = app.theme;
        app.theme = themes[name];
        const out = act();
        app.theme = before;
        return out;
      },
      series: (slot) => (slot >= 0 && slot < app.theme.series.length ? app.theme.series[slot] : app.theme.other),
      originColour: (node) => (app.chosen.colour === "origin" ? app.series(model.originSlot.get(node) ?? -1) : app.theme.node),
      measureColour: (code) => app.series(model.measureSlot[code - 1] ?? -1),
      bandColour: (band) => (band < 0 ? app.theme.other : app.theme.bands[band]),
      colourOf(i) {
        const { flows } = app;
        if (app.chosen.colour === "distance") return app.bandColour(flows.band[i]);
        if (app.chosen.colour === "measure") return app.measureColour(flows.measure.codes[i]);
        return app.series(model.originSlot.get(flows.origin[i]) ?? -1);
      },
      swatch(key, code) {
        const { colour } = app.chosen;
        if (key === "origin" && colour === "origin") return app.originColour(code);
        if (key === "measure" && colour === "measure") return app.measureColour(code);
        if (key === "band" && colour === "distance") return app.bandColour(code - 1);
        return null;
      },
      colourRows() {
        const { flows } = app;
        const drawn = new Set();
        const key = { origin: (i) => flows.origin[i], distance: (i) => flows.band[i], measure: (i) => flows.measure.codes[i] }[app.chosen.colour];
        for (let i = 0; i < flows.n; i++) if (app.curves.kind[i]) drawn.add(key(i));
        const slot = { origin: (k) => model.originSlot.get(k) ?? -1, distance: (k) => k, measure: (k) => model.measureSlot[k - 1] ?? -1 }[app.chosen.colour];
        const rank = (k) => (slot(k) < 0 ? 99 : slot(k));
        return [...drawn].sort((a, b) => rank(a) - rank(b) || a - b).map((k) => ({
          code: app.chosen.colour === "distance" ? k + 1 : k,
          label: app.chosen.colour === "origin" ? words.name(model.nodes.name[k])
            : app.chosen.colour === "distance" ? (k < 0 ? "distance not known" : model.style.bandLabels[k])
              : words.name(flows.measure.texts[k]),
          colour: app.chosen.colour === "origin" ? app.originColour(k)
            : app.chosen.colour === "distance" ? app.bandColour(k) : app.measureColour(k),
        }));
      },
    };
  }

  /* What follows from the data and from what is chosen. */
  function reading(app) {
    const { model } = app;
    const { nodes } = model;
    return {
      useLevel() {
        const level = app.chosen.level;
        app.flows = level ? state.rolledUp(model, level) : model.flows;
        app.facets = state.facets(model, app.flows);
        app.periods = state.periods(app.flows);
        if (app.periods) Object.assign(app.chosen, { from: app.periods.low, to: app.periods.high });
        app.lay();
      },
      /* the curves, the kinds of figure, the totals: of all flows, whatever is filtered */
      lay() {
        const { flows } = app;
        const scale = 2 ** 6.6;
        const widths = Float64Array.from({ length: flows.n }, (_, i) => paint.width(app, i));
        app.curves = curves.layout(flows, nodes, 1 / scale, widths);
        app.kindCount = [0, 0, 0];
        app.loops = 0;
        app.placed = 0;
        for (let i = 0; i < flows.n; i++) {
          if (app.curves.kind[i] === 2) app.loops++;
          if (app.curves.kind[i]) app.placed++;
          app.kindCount[flows.qualifier.at(i) === "mentioned" ? 2 : Number.isNaN(flows.count[i]) ? 1 : 0]++;
        }
        app.isOrigin = new Uint8Array(nodes.n);
        for (let i = 0; i < flows.n; i++) if (app.curves.kind[i]) app.isOrigin[flows.origin[i]] = 1;
        app.greatest = Math.max(0, ...app.totals(new Uint8Array(flows.n).fill(1)));
        app.filter();
      },
      /* Of records, the sum of the shown counts in the measure that has most; of statements, the
         largest single figure, since statements are never added. */
      totals(mask) {
        const { flows } = app;
        const out = new Float64Array(nodes.n);
        if (model.statements) {
          for (let i = 0; i < flows.n; i++) {
            if (!mask[i] || !app.curves.kind[i] || !(flows.count[i] > 0)) continue;
            for (const node of [flows.origin[i], flows.destination[i]]) out[node] = Math.max(out[node], flows.count[i]);
          }
          return out;
        }
        const measures = flows.measure.texts.length;
        const sums = new Float64Array(nodes.n * measures);
        for (let i = 0; i < flows.n; i++) {
          if (!mask[i] || !app.curves.kind[i] || !(flows.count[i] > 0)) continue;
          const code = flows.measure.codes[i];
          sums[flows.origin[i] * measures + code] += flows.count[i];
          if (flows.destination[i] !== flows.origin[i]) sums[flows.destination[i] * measures + code] += flows.count[i];
        }
        for (let k = 0; k < sums.length; k++) {
          const node = Math.floor(k / measures);
          if (sums[k] > out[node]) out[node] = sums[k];
        }
        return out;
      },
      filter() {
        const { flows } = app;
        app.mask = state.mask(app);
        app.passing = [];
        app.visible = [];
        app.touched = new Uint8Array(nodes.n);
        const seen = new Uint8Array(nodes.n);
        for (let i = 0; i < flows.n; i++) {
          if (!app.mask[i]) continue;
          app.passing.push(i);
          if (!app.curves.kind[i]) continue;
          app.visible.push(i);
          app.touched[flows.destination[i]] = 1;
          seen[flows.destination[i]] = seen[flows.origin[i]] = 1;
        }
        app.drawn = app.visible.length;
        app.total = app.totals(app.mask);
        app.order = [];
        app.reached = 0;
        for (let node = 1; node < nodes.n; node++) {
          if (seen[node]) app.order.push(node);
          if (app.touched[node] && nodes.outline.has(node)) app.reached++;
        }
        /* where there are many places, each is smaller */
        app.room = Math.max(0.4, Math.min(1, Math.sqrt(140 / Math.max(1, app.order.length))));
        const once = new Map();
        app.doubled = new Set();
        for (const node of app.order) {
          const name = nodes.name[node], level = nodes.level[node];
          if (once.has(name) && once.get(name) !== level) app.doubled.add(name);
          once.set(name, level);
        }
        app.order.sort((a, b) => app.isOrigin[b] - app.isOrigin[a] || app.total[b] - app.total[a] || a - b);
        app.focus();
      },
      /* what stands out: all, or the flows of the place or the flow that is selected */
      focus() {
        const { place, flow } = app.chosen;
        app.quiet = place > 0 || flow >= 0;
        app.stands = (i) => (flow >= 0 ? i === flow : app.flows.origin[i] === place || app.flows.destination[i] === place);
        app.near = new Set(place ? [place] : []);
        if (app.quiet) {
          for (const i of app.visible) {
            if (app.stands(i)) app.near.add(app.flows.origin[i]).add(app.flows.destination[i]);
          }
        }
      },
      outlined: () => (app.quiet ? [...app.near].filter((node) => !app.isOrigin[node] || node === app.chosen.place) : []),
      radius: (node) => {
        const share = app.greatest > 0 ? app.total[node] / app.greatest : 0;
        return (app.isOrigin[node] ? 4.5 : 3) * app.room + 3.5 * Math.sqrt(share);
      },
      /* the name on the map, with its level where two places share it */
      label(node) {
        const name = words.name(nodes.name[node]);
        return app.doubled.has(nodes.name[node]) ? `${name} (${words.shortLevel(nodes.level[node])})` : name;
      },
      searchable: () => Array.from({ length: nodes.n - 1 }, (_, k) => k + 1).filter((node) => nodes.name[node]),
      paneKey: (pane) => (model.panes.length > 1 ? pane.code : 0),
      inPane(node, code) {
        if (!app.paneNodes || app.paneNodes.of !== app.visible) {
          app.paneNodes = { of: app.visible, sets: new Map() };
        }
        const { sets } = app.paneNodes;
        if (!sets.has(code)) {
          const set = new Set();
          for (const i of app.visible) {
            if (app.flows.pane.codes[i] === code) set.add(app.flows.origin[i]).add(app.flows.destination[i]);
          }
          sets.set(code, set);
        }
        return sets.get(code).has(node);
      },
      extent() {
        const out = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity };
        const grow = (x, y) => {
          out.x0 = Math.min(out.x0, x);
          out.x1 = Math.max(out.x1, x);
          out.y0 = Math.min(out.y0, y);
          out.y1 = Math.max(out.y1, y);
        };
        const c = app.curves;
        for (let i = 0; i < c.n; i++) {
          if (!c.kind[i]) continue;
          grow(c.ax[i], c.ay[i]);
          grow(c.bx[i], c.by[i]);
          grow((c.ax[i] + 2 * c.cx[i] + c.bx[i]) / 4, (c.ay[i] + 2 * c.cy[i] + c.by[i]) / 4);
        }
        if (out.x0 === Infinity) for (let k = 1; k < nodes.n; k++) if (nodes.x[k] > 0) grow(nodes.x[k], nodes.y[k]);
        if (out.x0 === Infinity) {
          for (const area of model.base.detail(0).land) {
            grow(area.box.x0, area.box.y0);
            grow(area.box.x1, area.box.y1);
          }
        }
        if (out.x0 === Infinity) grow(128, 85);
        const least = 0.6;
        const pad = (low, high) => Math.max(0, (least - (high - low)) / 2);
        const px = pad(out.x0, out.x1), py = pad(out.y0, out.y1);
        return { x0: out.x0 - px, x1: out.x1 + px, y0: out.y0 - py, y1: out.y1 + py };
      },
      status() {
        const { flows } = app;
        const noun = model.statements ? "statement" : "flow";
        if (flows.n === 0) return model.statements ? "There are no statements to show." : "No flow can be shown: there were none, or all are withheld by the rule.";
        const hidden = app.passing.length - app.drawn;
        const head = app.passing.length < flows.n
          ? `Showing ${words.number(app.passing.length)} of ${words.plural(flows.n, noun)}`
          : flows.n === 1 ? `Showing the only ${noun}` : `Showing all ${words.plural(flows.n, noun)}`;
        return `${head}${hidden ? `; ${words.number(hidden)} ${hidden === 1 ? "has" : "have"} no place to draw and ${hidden === 1 ? "is" : "are"} in the table` : ""}.`;
      },
    };
  }

  /* ── The page ─────────────────────────────────────────────────────────── */
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
      new ResizeObserver(() => { if (app.started) leaflet.invalidateSize({ animate: false }); }).observe(part.box);
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
      id: app.flows.id(i), width: paint.width(app, i) * paint.nearness(Math.log2(view.scale)), colour: app.colourOf(i), loop: c.kind[i] === 2,
      dashed: Number.isNaN(app.flows.count[i]), count: Number.isNaN(app.flows.count[i]) ? null : app.flows.count[i],
      from: at(c.ax[i], c.ay[i]), control: at(c.cx[i], c.cy[i]), to: at(c.bx[i], c.by[i]), bend: c.share[i],
    }));
  }

  /* ── What a reader does ───────────────────────────────────────────────── */
  function acts(app) {
    let writing = 0;
    const { parts } = app;
    Object.assign(app, {
      repaint() { for (const pane of app.panes) pane.layer.repaint(); },
      remember() {
        clearTimeout(writing);
        writing = setTimeout(() => {
          const text = state.write(app);
          if (window.location.hash.replace(/^#/, "") !== text) {
            app.wrote = `#${text}`;
            window.location.hash = text;
          }
        }, 250);
      },
      refresh() {
        dom.clear(parts.chosen).append(...panel.build(app).flat(3).filter(Boolean));
        parts.status.textContent = app.status();
        if (app.chosen.view === "table") parts.table.refresh();
        if (app.chosen.view === "origins") parts.multiples.refresh();
      },
      /* a filter moved: at most one answer a frame, however fast it moves */
      changed() {
        for (const pane of app.panes) pane.layer.touch();
        if (app.answering) return;
        app.answering = requestAnimationFrame(() => {
          app.answering = 0;
          app.filter();
          app.repaint();
          app.later();
          app.remember();
        });
      },
      /* the words follow at once when they are few, else when the reader pauses */
      later() {
        parts.status.textContent = app.status();
        clearTimeout(app.waiting);
        app.waiting = setTimeout(() => app.refresh(), app.flows.n > 2000 ? 160 : 0);
      },
      select(node, go) {
        app.chosen.place = node;
        app.chosen.flow = -1;
        app.focus();
        app.repaint();
        app.refresh();
        app.remember();
        parts.tip.hidden = true;
        if (go && node) {
          const heading = document.getElementById("linemap-chosen");
          if (heading) heading.focus({ preventScroll: window.innerWidth > 1000 });
          app.bringIntoView(node);
        }
      },
      pin(i) {
        app.chosen.place = 0;
        app.chosen.flow = i;
        app.focus();
        app.repaint();
        app.refresh();
        app.remember();
      },
      bringIntoView(node) {
        const { x, y } = app.model.nodes;
        if (Number.isNaN(x[node]) || app.chosen.view !== "map") return;
        const { leaflet } = app.panes[0];
        const at = leaflet.unproject(L.point(x[node], y[node]), 0);
        if (!leaflet.getBounds().pad(-0.05).contains(at)) leaflet.panTo(at);
      },
      show(view) {
        app.chosen.view = view;
        for (const [key, tab] of parts.tabs) tab.setAttribute("aria-pressed", String(key === view));
        parts.mapView.hidden = view !== "map";
        parts.originsView.hidden = view !== "origins";
        parts.tableView.hidden = view !== "table";
        if (view === "map" && app.started) for (const pane of app.panes) pane.leaflet.invalidateSize({ animate: false });
        app.refresh();
        app.remember();
      },
      recoloured() {
        app.rebuild();
        app.repaint();
        app.refresh();
        app.remember();
      },
      rethemed() {
        app.chooseTheme();
        app.recoloured();
      },
      levelChosen(level) {
        app.chosen.level = level;
        app.chosen.place = 0;
        app.chosen.flow = -1;
        app.useLevel();
        app.recoloured();
      },
      /* a filter was changed elsewhere: its other switch must follow, without losing the focus */
      switched() {
        for (const box of [parts.filters, parts.legend]) {
          if (box.contains(document.activeElement)) continue;
          const build = box === parts.filters ? filters : legend;
          dom.clear(box).append(...build.build(app).filter(Boolean));
        }
        app.changed();
      },
      rescaled() {
        if (app.started) dom.clear(parts.legend).append(...legend.build(app).filter(Boolean));
      },
      nearness: () => paint.nearness(app.panes.length ? app.panes[0].leaflet.getZoom() : 7),
      rebuild() {
        dom.clear(parts.legend).append(...legend.build(app).filter(Boolean));
        dom.clear(parts.filters).append(...filters.build(app).filter(Boolean));
      },
      reset() {
        app.chosen.min = 0;
        app.chosen.undated = true;
        if (app.periods) Object.assign(app.chosen, { from: app.periods.low, to: app.periods.high });
        for (const one of app.facets) one.off = new Set();
        app.rebuild();
        app.changed();
      },
      fit() {
        const e = app.extent();
        const { leaflet } = app.panes[0];
        const corner = (x, y) => leaflet.unproject(L.point(x, y), 0);
        leaflet.fitBounds(L.latLngBounds(corner(e.x0, e.y1), corner(e.x1, e.y0)), {
          paddingTopLeft: [app.parts.legendBox.open && leaflet.getSize().x > 700 ? 190 : 26, 26], paddingBottomRight: [40, 58], animate: false, maxZoom: 10,
        });
      },
      moved() {
        const { leaflet } = app.panes[0];
        const at = leaflet.getCenter();
        app.chosen.at = `${at.lat.toFixed(3)}_${at.lng.toFixed(3)}_${leaflet.getZoom()}`;
        if (app.started) app.remember();
      },
      look() {
        const found = /^(-?[\d.]+)_(-?[\d.]+)_([\d.]+)$/.exec(app.chosen.at);
        if (found) app.panes[0].leaflet.setView([Number(found[1]), Number(found[2])], Number(found[3]), { animate: false });
        else app.fit();
      },
      /* the node or the flow under a point of the map */
      under(pane, point) {
        const view = exports.shown(app);
        const code = app.paneKey(pane);
        for (const node of app.order) {
          if (code && !app.inPane(node, code)) continue;
          const dx = app.model.nodes.x[node] * view.scale - view.left - point.x;
          const dy = app.model.nodes.y[node] * view.scale - view.top - point.y;
          if (Math.hypot(dx, dy) <= app.radius(node) + 5) return { node };
        }
        const x = (point.x + view.left) / view.scale, y = (point.y + view.top) / view.scale;
        const c = app.curves;
        let best = -1, least = Infinity;
        for (const i of app.visible) {
          if (code && app.flows.pane.codes[i] !== code) continue;
          if (c.kind[i] !== 1 || (app.quiet && !app.stands(i))) continue;
          const reach = (5 + paint.width(app, i) / 2) / view.scale;
          if (x < Math.min(c.ax[i], c.bx[i], c.cx[i]) - reach || x > Math.max(c.ax[i], c.bx[i], c.cx[i]) + reach) continue;
          if (y < Math.min(c.ay[i], c.by[i], c.cy[i]) - reach || y > Math.max(c.ay[i], c.by[i], c.cy[i]) + reach) continue;
          const far = curves.distance(c, i, x, y) - paint.width(app, i) / 2 / view.scale;
          if (far < least && far <= 5 / view.scale) {
            least = far;
            best = i;
          }
        }
        return best >= 0 ? { flow: best } : null;
      },
      click(pane, point) {
        const hit = app.under(pane, point);
        if (!hit) {
          if (app.quiet) app.select(0);
        } else if (hit.node) {
          app.select(hit.node === app.chosen.place ? 0 : hit.node);
        } else {
          app.pin(hit.flow);
        }
      },
      hover(pane, event) {
        app.pointer = { pane, x: event.clientX, y: event.clientY };
        if (app.hovering) return;
        app.hovering = requestAnimationFrame(() => {
          app.hovering = 0;
          const box = app.pointer.pane.part.box.getBoundingClientRect();
          const hit = app.under(app.pointer.pane, { x: app.pointer.x - box.left, y: app.pointer.y - box.top });
          app.pointer.pane.part.box.classList.toggle("over", Boolean(hit));
          parts.tip.hidden = !hit;
          if (!hit) return;
          dom.clear(parts.tip).append(...(hit.node ? panel.placeTip(app, hit.node) : panel.tip(app, hit.flow)).filter(Boolean));
          const wide = parts.tip.offsetWidth, high = parts.tip.offsetHeight;
          const left = app.pointer.x + 16 + wide > window.innerWidth ? app.pointer.x - wide - 12 : app.pointer.x + 16;
          const top = Math.min(app.pointer.y + 14, window.innerHeight - high - 8);
          parts.tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
        });
      },
      /* the map as it will lie on paper: light, on a box of the paper's shape, around all flows */
      onPaper(draw) {
        return app.inTheme("light", () => {
          const e = app.extent();
          const width = 700, height = 560;
          const scale = Math.min(width / (e.x1 - e.x0), height / (e.y1 - e.y0)) * 0.88;
          app.nearness = () => paint.nearness(Math.log2(scale));
          return draw({ scale, width, height, left: ((e.x0 + e.x1) / 2) * scale - width / 2, top: ((e.y0 + e.y1) / 2) * scale - height / 2 });
        });
      },
      print() {
        const before = app.nearness;
        app.inTheme("light", () => {
          app.wear(document.documentElement);
          dom.clear(parts.paper).append(
            exports.paper(app),
            el("div", { class: "paper-legend" }, legend.build(app)),
            el("p", null, app.status()),
            el("ul", { class: "paper-caveats" }, app.model.caveats.map((text) => el("li", null, said(text)))),
            el("p", null, said(app.model.basis)),
            el("p", null, said(app.model.attributions.join("; "))));
        });
        app.nearness = before;
      },
    });
  }

  function listen(app) {
    for (const text of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(forced-colors: active)"]) {
      query(text).addEventListener("change", () => app.rethemed());
    }
    window.addEventListener("beforeprint", () => app.print());
    window.addEventListener("afterprint", () => app.wear(document.documentElement));
    window.addEventListener("hashchange", () => {
      if (window.location.hash === app.wrote) return;
      state.read(app, window.location.hash);
      app.filter();
      app.rethemed();
      app.show(app.chosen.view);
      app.look();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && app.quiet && !(event.target instanceof HTMLInputElement)) app.select(0);
    });
  }

  linemap.start = function (api) {
    const app = makeApp(JSON.parse(document.getElementById("linemap-data").textContent));
    app.theme = {};
    document.title = app.model.title;
    const size = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
    app.textSize = (12.5 * size) / 16;
    app.chooseTheme();
    state.read(app, window.location.hash);
    app.filter();
    build(app);
    acts(app);
    makeMaps(app, api);
    app.look();
    for (const pane of app.panes) pane.layer.addTo(pane.leaflet);
    app.rebuild();
    app.show(app.chosen.view);
    listen(app);
    app.started = true;
  };

  /* The flows alone, for a map that somebody else made. */
  linemap.layer = function (base64) {
    const app = makeApp(JSON.parse(atob(base64)));
    app.chosen.theme = "light";
    app.chooseTheme = () => {};
    app.theme = app.model.style.themes[0];
    app.model.tiles = app.model.tiles || { foreign: true };
    app.useLevel();
    return canvas.create(app, 0);
  };
})();
