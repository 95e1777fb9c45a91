/* The filters: a switch for every origin, measure, kind, band, level and tag; a minimum; a time. */
linemap.filters = (function () {
  const { dom, words, state } = linemap;
  const { el, said } = dom;

  function facet(app, one) {
    if (one.present.length < 2) return null;
    const boxes = one.present.map((code) => {
      const box = el("input", {
        type: "checkbox",
        on: {
          change: () => {
            if (box.checked) one.off.delete(code);
            else one.off.add(code);
            app.switched();
          },
        },
      });
      box.checked = !one.off.has(code);
      return { code, box };
    });
    const all = (on) => el("button", {
      type: "button", class: "plain",
      on: {
        click: () => {
          one.off = new Set(on ? [] : one.present);
          for (const { box } of boxes) box.checked = on;
          app.switched();
        },
      },
    }, on ? "all" : "none", el("span", { class: "unseen" }, ` of ${one.title}`));
    return el("fieldset", { class: "facet" },
      el("legend", null, said(one.title)),
      one.present.length > 3 ? el("p", { class: "facet-all" }, all(true), all(false)) : null,
      el("ul", { class: one.present.length > 9 ? "many" : null }, boxes.map(({ code, box }) =>
        el("li", null, el("label", null, box, swatch(app, one, code),
          el("span", { class: "facet-name" }, said(one.labels[code])),
          el("span", { class: "facet-n" }, words.number(one.n[code])))))));
  }

  function swatch(app, one, code) {
    const colour = app.swatch(one.key, code);
    if (!colour) return null;
    const dot = el("span", { class: "swatch", "aria-hidden": "true" });
    dot.style.backgroundColor = colour;
    return dot;
  }

  function minimum(app) {
    const input = el("input", {
      type: "number", id: "linemap-min", min: 0, step: 1, inputmode: "numeric",
      on: {
        input: () => {
          app.chosen.min = Math.max(0, Math.floor(Number(input.value) || 0));
          app.changed();
        },
      },
    });
    input.value = app.chosen.min || "";
    return el("div", { class: "facet" },
      el("label", { for: "linemap-min", class: "facet-title" }, "Count of at least"),
      input,
      app.kindCount[1] + app.kindCount[2] > 0
        ? el("p", { class: "quiet" }, "With a minimum, places that are named but not counted are left out.") : null);
  }

  /* Months, with a bar each: the records' counts, or the number of statements that cover the month. */
  function bars(app) {
    const { low, high, first, last } = app.periods;
    const out = new Float64Array(high - low + 1);
    for (let i = 0; i < app.flows.n; i++) {
      if (Number.isNaN(first[i])) continue;
      const share = app.model.statements ? 1 : (app.flows.count[i] || 0) / (last[i] - first[i] + 1);
      for (let month = first[i]; month <= last[i]; month++) out[month - low] += share;
    }
    return out;
  }

  function time(app) {
    if (!app.periods) return null;
    const { low, high } = app.periods;
    const heights = bars(app);
    const top = Math.max(...heights) || 1;
    const n = heights.length;
    const chart = dom.svg("svg", { viewBox: `0 0 ${n} 40`, preserveAspectRatio: "none", class: "histogram", "aria-hidden": "true" });
    const drawn = [...heights].map((height, k) => {
      const bar = dom.svg("rect", { x: k + 0.06, width: 0.88, y: 40 - (height / top) * 38, height: (height / top) * 38 });
      chart.append(bar);
      return bar;
    });
    const output = el("output", { class: "time-said" });
    const slider = (name, key, other) => {
      const input = el("input", {
        type: "range", min: low, max: high, step: 1, "aria-label": name,
        on: {
          input: () => {
            let value = Number(input.value);
            if (key === "from") value = Math.min(value, app.chosen.to);
            else value = Math.max(value, app.chosen.from);
            input.value = value;
            app.chosen[key] = value;
            say();
            app.changed();
          },
        },
      });
      input.value = app.chosen[key];
      return input;
    };
    const from = slider("First month", "from"), to = slider("Last month", "to");
    function say() {
      const a = words.month(state.monthText(app.chosen.from)), b = words.month(state.monthText(app.chosen.to));
      output.textContent = `${a} to ${b}`;
      from.setAttribute("aria-valuetext", a);
      to.setAttribute("aria-valuetext", b);
      drawn.forEach((bar, k) => bar.setAttribute("class",
        k + low >= app.chosen.from && k + low <= app.chosen.to ? "in" : "out"));
    }
    const undated = el("input", {
      type: "checkbox",
      on: {
        change: () => {
          app.chosen.undated = undated.checked;
          app.changed();
        },
      },
    });
    undated.checked = app.chosen.undated;
    say();
    const without = [...app.periods.first].filter(Number.isNaN).length;
    return el("fieldset", { class: "facet time" },
      el("legend", null, "Period"),
      chart,
      el("div", { class: "sliders" }, from, to),
      el("p", { class: "time-line" }, output,
        el("span", { class: "quiet" }, app.model.statements
          ? "bars: statements that cover the month" : "bars: published counts by month")),
      without ? el("p", null, el("label", null, undated, `with the ${words.number(without)} without a period`)) : null);
  }

  function colour(app) {
    const select = el("select", {
      id: "linemap-colour",
      on: {
        change: () => {
          app.chosen.colour = select.value;
          app.recoloured();
        },
      },
    }, [["origin", "origin area"], ["distance", "distance"], ["measure", "what was counted"]].map(
      ([value, text]) => el("option", { value, selected: value === app.chosen.colour }, text)));
    return el("div", { class: "facet pair" },
      el("label", { for: "linemap-colour", class: "facet-title" }, "Colour by"), select);
  }

  function level(app) {
    const levels = Object.keys(app.model.nodes.parents);
    if (levels.length === 0) return null;
    const select = el("select", {
      id: "linemap-level",
      on: { change: () => app.levelChosen(select.value) },
    }, el("option", { value: "" }, "as published"), levels.map((key) =>
      el("option", { value: key, selected: key === app.chosen.level }, words.level(key))));
    return el("div", { class: "facet pair" },
      el("label", { for: "linemap-level", class: "facet-title" }, "Show destinations by"), select,
      app.chosen.level ? el("p", { class: "quiet wide" },
        "Sums of the published figures: what is not shown, or was rounded, is missing or rounded in them too.") : null);
  }

  function build(app) {
    return [
      colour(app), level(app), time(app),
      ...app.facets.map((one) => facet(app, one)),
      minimum(app),
      el("p", null, el("button", { type: "button", class: "button", on: { click: () => app.reset() } }, "Show everything again")),
    ];
  }

  return { build };
})();
