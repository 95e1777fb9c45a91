/* The whole: one object, `app`, that every part reads. `linemap.start` opens the page's own data;
   `linemap.layer` draws a payload on a map that somebody else made. */
(function () {
  const { dom, data, state, canvas, panel, looks, reading, page, acts } = linemap;
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
    page.build(app);
    acts(app);
    page.makeMaps(app, api);
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
    app.filter();
    const layer = canvas.create(app, 0);
    layer.on("add", (event) => tell(app, event.target));
    return layer;
  };

  /* On such a map a tooltip tells the flow or the place under the pointer, and the corner the sources. */
  function tell(app, layer) {
    const { map } = layer;
    const pane = { leaflet: map, layer, code: 0, part: {} };
    app.panes = [pane];
    acts(app);
    const tip = L.tooltip({ sticky: true, direction: "auto" });
    const read = (event) => {
      const hit = app.under(pane, event.containerPoint);
      if (!hit) return map.removeLayer(tip);
      tip.setContent(dom.el("div", { class: "linemap-tip" }, hit.node ? panel.placeTip(app, hit.node) : panel.tip(app, hit.flow)));
      return tip.setLatLng(event.latlng).addTo(map);
    };
    map.on("mousemove", read);
    layer.on("remove", () => map.off("mousemove", read).removeLayer(tip));
    if (map.attributionControl) {
      /* Leaflet reads an attribution as HTML, so the text goes through an element first */
      for (const text of app.model.attributions) map.attributionControl.addAttribution(dom.el("span", null, text).innerHTML);
    }
  }
})();