/* What follows from the data and from what is chosen: the layout, the totals, what passes, what
   stands out. */
linemap.reading = (function () {
  const { words, state, curves, paint } = linemap;

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
        const widths = new Float64Array(flows.n);
        for (let i = 0; i < flows.n; i++) widths[i] = paint.width(app, i);
        app.curves = curves.layout(flows, nodes, 1 / scale, widths);
        app.kindCount = [0, 0, 0];
        app.loops = 0;
        app.placed = 0;
        for (let i = 0; i < flows.n; i++) {
          if (app.curves.kind[i] === 2) app.loops++;
          if (app.curves.kind[i]) app.placed++;
          app.kindCount[flows.kind[i]]++;
        }
        app.slim = Math.max(0.4, Math.min(1, Math.sqrt(120 / Math.max(1, app.placed))));
        app.isOrigin = new Uint8Array(nodes.n);
        for (let i = 0; i < flows.n; i++) if (app.curves.kind[i]) app.isOrigin[flows.origin[i]] = 1;
        app.allTotals = app.totals(null);
        app.greatest = app.allTotals.reduce((a, b) => Math.max(a, b), 0);
      },
      /* Of records, the sum of the shown counts in the measure that has most; of statements, the
         largest single figure, since statements are never added. */
      totals(mask) {
        const { flows } = app;
        const out = new Float64Array(nodes.n);
        if (model.statements) {
          for (let i = 0; i < flows.n; i++) {
            if ((mask && !mask[i]) || !app.curves.kind[i] || !(flows.count[i] > 0)) continue;
            for (const node of [flows.origin[i], flows.destination[i]]) out[node] = Math.max(out[node], flows.count[i]);
          }
          return out;
        }
        const measures = flows.measure.texts.length;
        const sums = new Float64Array(nodes.n * measures);
        for (let i = 0; i < flows.n; i++) {
          if ((mask && !mask[i]) || !app.curves.kind[i] || !(flows.count[i] > 0)) continue;
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
        app.total = app.passing.length === flows.n ? app.allTotals : app.totals(app.mask);
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

  return reading;
})();
