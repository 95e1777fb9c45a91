/* Themes and colours: what a flow, an origin, a band look like under what is chosen. */
linemap.looks = (function () {
  const { words } = linemap;
  const query = (text) => window.matchMedia(text);

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

  return looks;
})();
