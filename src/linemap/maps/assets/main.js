/* The whole: one object, `app`, that every part reads. `linemap.start` opens the page's own data;
   `linemap.layer` draws a payload on a map that somebody else made. */
(function () {
  const { data, state, canvas, looks, reading, page, acts } = linemap;
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
    return canvas.create(app, 0);
  };
})();