/* The legend: colours (which are also switches), widths with numbers, lines and places. */
linemap.legend = (function () {
  const { dom, words } = linemap;
  const { el, svg } = dom;

  const line = (colour, width, dash, faint) =>
    svg("svg", { width: 34, height: Math.max(12, width + 4), "aria-hidden": "true", class: "key" },
      svg("line", {
        x1: 1, x2: 33, y1: Math.max(12, width + 4) / 2, y2: Math.max(12, width + 4) / 2,
        stroke: colour, "stroke-width": width, "stroke-dasharray": dash, opacity: faint ? 0.45 : 1,
      }));

  function widths(app) {
    const { style } = app.model;
    if (!(style.largest > 0)) return null;
    return el("div", { class: "legend-part" },
      el("h3", null, app.model.statements ? "Width: count, each as printed" : "Width: count"),
      el("ul", { class: "legend-widths" }, style.steps.map((step) => {
        const wide = Math.max(style.thinnest, (step / style.largest) * style.widest * app.nearness());
        return el("li", null, line("currentColor", wide), el("span", null, words.number(step)));
      })));
  }

  function lines(app) {
    const has = (code) => app.model.flows.n > 0 && app.kindCount[code] > 0;
    if (!has(1) && !has(2) && !app.loops) return null;
    return el("div", { class: "legend-part" },
      el("h3", null, "Line"),
      el("ul", null,
        has(0) ? el("li", null, line("currentColor", 4), el("span", null, "counted")) : null,
        has(1) ? el("li", null, line("currentColor", 2, "7 4"), el("span", null, "named, not counted")) : null,
        has(2) ? el("li", null, line("currentColor", 2, "2 4", true), el("span", null, "mentioned as an example")) : null,
        app.loops ? el("li", null, svg("svg", { width: 34, height: 16, "aria-hidden": "true", class: "key" },
          svg("circle", { cx: 17, cy: 8, r: 6, fill: "none", stroke: "currentColor", "stroke-width": 2 })),
        el("span", null, "within the same place")) : null));
  }

  function places() {
    const dot = (fill, r) => svg("svg", { width: 34, height: 16, "aria-hidden": "true", class: "key" },
      svg("circle", { cx: 17, cy: 8, r, fill: fill ? "currentColor" : "none", stroke: "currentColor", "stroke-width": 1.6 }));
    return el("div", { class: "legend-part" },
      el("h3", null, "Destination"),
      el("ul", null,
        el("li", null, dot(true, 4), el("span", null, "town or village")),
        el("li", null, dot(false, 4), el("span", null, "area: somewhere inside its outline"))));
  }

  function colours(app) {
    const kind = app.chosen.colour;
    const title = { origin: "Colour: origin area", distance: "Colour: distance", measure: "Colour: what was counted" }[kind];
    const rows = app.colourRows();
    const shown = rows.slice(0, 9);
    const facet = app.facets.find((one) => one.key === (kind === "distance" ? "band" : kind));
    return el("div", { class: "legend-part" },
      el("h3", null, title),
      el("ul", null, shown.map((row) => el("li", null, switched(app, facet, row)))),
      rows.length > shown.length
        ? el("p", { class: "quiet" }, `and ${words.number(rows.length - shown.length)} more, in grey`) : null);
  }

  /* A colour and its name; a switch too, where there is something to switch. */
  function switched(app, facet, row) {
    const inside = [line(row.colour, 6), el("span", null, dom.said(row.label))];
    if (!facet || facet.present.length < 2 || !app.changed) return inside;
    const box = el("input", {
      type: "checkbox",
      on: {
        change: () => {
          if (box.checked) facet.off.delete(row.code);
          else facet.off.add(row.code);
          app.switched();
        },
      },
    });
    box.checked = !facet.off.has(row.code);
    return el("label", null, box, inside);
  }

  function build(app) {
    return [colours(app), widths(app), lines(app), places()];
  }

  return { build, line };
})();
