/* What a reader does: select, filter, look, turn to another view, print. */
linemap.acts = (function () {
  const { dom, words, state, curves, paint, legend, panel, filters, exports } = linemap;
  const { el, said } = dom;

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
        if (view === "map") for (const pane of app.panes) app.resized(pane);
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
        app.filter();
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
      nearness: () => paint.nearness(app, app.panes.length ? app.panes[0].leaflet.getZoom() : 7),
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
        app.fitted = app.arranging = true;
        const e = app.extent();
        const { leaflet } = app.panes[0];
        const corner = (x, y) => leaflet.unproject(L.point(x, y), 0);
        leaflet.fitBounds(L.latLngBounds(corner(e.x0, e.y1), corner(e.x1, e.y0)), {
          paddingTopLeft: [app.parts.legendBox.open && leaflet.getSize().x > 700 ? 190 : 26, 26], paddingBottomRight: [40, 58], animate: false, maxZoom: 10,
        });
        app.arranging = false;
      },
      /* the page has another size: all flows stay in sight until the reader has moved the map */
      resized(pane) {
        if (!app.started) return;
        app.arranging = true;
        pane.leaflet.invalidateSize({ animate: false });
        app.arranging = false;
        if (app.fitted && pane === app.panes[0] && pane.leaflet.getSize().y > 0) app.fit();
      },
      moved() {
        if (!app.arranging) app.fitted = false;
        const { leaflet } = app.panes[0];
        const at = leaflet.getCenter();
        app.chosen.at = app.fitted ? "" : `${at.lat.toFixed(3)}_${at.lng.toFixed(3)}_${leaflet.getZoom()}`;
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
          const half = (paint.width(app, i) * app.nearness()) / 2;
          const reach = (5 + half) / view.scale;
          if (x < Math.min(c.ax[i], c.bx[i], c.cx[i]) - reach || x > Math.max(c.ax[i], c.bx[i], c.cx[i]) + reach) continue;
          if (y < Math.min(c.ay[i], c.by[i], c.cy[i]) - reach || y > Math.max(c.ay[i], c.by[i], c.cy[i]) + reach) continue;
          const far = curves.distance(c, i, x, y) - half / view.scale;
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
      /* the maps as they will lie on paper: light, in a box of the paper's shape, around all flows */
      onPaper(draw) {
        return app.inTheme("light", () => {
          const e = app.extent();
          const width = app.panes.length > 1 ? 346 : 700, height = 560;
          const scale = Math.min(width / (e.x1 - e.x0), height / (e.y1 - e.y0)) * 0.88;
          app.nearness = () => paint.nearness(app, Math.log2(scale));
          const view = { scale, width, height, left: ((e.x0 + e.x1) / 2) * scale - width / 2, top: ((e.y0 + e.y1) / 2) * scale - height / 2 };
          return app.panes.map((pane) => el("figure", null, pane.part.title ? el("figcaption", null, said(pane.part.title)) : null, draw(view, pane)));
        });
      },
      print() {
        const before = app.nearness;
        app.inTheme("light", () => {
          app.wear(document.documentElement);
          dom.clear(parts.paper).append(
            el("div", { class: "paper-maps" }, exports.paper(app)),
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

  return acts;
})();
