/* The table twin: every flow that passes, sortable, in pages; and the CSV of what is published. */
linemap.table = (function () {
  const { dom, words } = linemap;
  const { el, said } = dom;
  const PAGE = 100;

  const tenth = (value) => (Number.isNaN(value) ? "" : value.toFixed(1));

  /* key, heading, what a row says, what it sorts by, whether it is a number */
  function columns(app) {
    const { flows, model } = app;
    const { nodes } = model;
    const text = (key, title, column) => ({ key, title, said: column, sorted: (i) => column(i) || "" });
    const name = (side) => (i) => nodes.name[side[i]];
    const all = [
      text("flow_id", "Flow", (i) => flows.id(i)),
      text("origin_name", "Origin", name(flows.origin)),
      text("origin_level", "Origin level", (i) => nodes.level[flows.origin[i]]),
      text("destination_name", "Destination", name(flows.destination)),
      text("destination_level", "Destination level", (i) => nodes.level[flows.destination[i]]),
      text("measure", "Counted", (i) => flows.measure.at(i)),
      { key: "count", title: "Count", said: (i) => (Number.isNaN(flows.count[i]) ? "" : String(flows.count[i])), sorted: (i) => flows.count[i], number: true },
      text("qualifier", "Figure", (i) => flows.qualifier.at(i)),
      text("period_start", "From", (i) => flows.start.at(i)),
      text("period_end", "To", (i) => flows.end.at(i)),
      { key: "distance_km", title: "Distance, km", said: (i) => tenth(flows.km[i]), sorted: (i) => flows.km[i], number: true },
      { key: "distance_low_km", title: "Nearest, km", said: (i) => tenth(flows.low[i]), sorted: (i) => flows.low[i], number: true },
      { key: "distance_high_km", title: "Furthest, km", said: (i) => tenth(flows.high[i]), sorted: (i) => flows.high[i], number: true },
      text("external", "Crosses a force boundary", (i) => flows.external.at(i)),
      ...flows.tags.map((tag) => text(tag.name, tag.name, (i) => tag.at(i))),
      text("source", "Source", (i) => flows.source.at(i)),
      text("published", "Published", (i) => flows.published.at(i)),
      text("url", "Address", (i) => flows.url.at(i)),
      text("note", "Note", (i) => flows.note.at(i)),
    ];
    if (model.panes.length > 1) {
      all.unshift(text("map", "Map", (i) => model.panes[Number(flows.pane.at(i))]));
    }
    return all.filter((column) => {
      for (let i = 0; i < flows.n; i++) {
        const value = column.said(i);
        if (value !== null && value !== undefined && value !== "") return true;
      }
      return false;
    });
  }

  function order(app, column, down) {
    const rows = Array.from(app.passing);
    if (!column) return rows;
    const empty = (value) => value === "" || Number.isNaN(value);
    const sign = down ? -1 : 1;
    const keys = new Map(rows.map((i) => [i, column.sorted(i)]));
    return rows.sort((a, b) => {
      const x = keys.get(a), y = keys.get(b);
      if (empty(x) || empty(y)) return empty(x) - empty(y) || a - b;
      return sign * (x < y ? -1 : x > y ? 1 : 0) || a - b;
    });
  }

  function build(app) {
    const box = el("div", { class: "table-box" });
    const shown = { column: null, down: false, page: 0 };
    let list = null, all = null;

    function heading(column) {
      const sorted = shown.column && shown.column.key === column.key;
      return el("th", {
        scope: "col", class: column.number ? "number" : null,
        "aria-sort": sorted ? (shown.down ? "descending" : "ascending") : null,
      }, el("button", {
        type: "button",
        on: {
          click: () => {
            if (sorted) shown.down = !shown.down;
            else Object.assign(shown, { column, down: Boolean(column.number) });
            shown.page = 0;
            list = null;
            draw(column.key);
          },
        },
      }, said(column.title), el("span", { "aria-hidden": "true", class: "sort" }, sorted ? (shown.down ? " ▼" : " ▲") : "")));
    }

    function pager(pages) {
      if (pages < 2) return null;
      const step = (by, text) => el("button", {
        type: "button", class: "button", disabled: shown.page + by < 0 || shown.page + by >= pages,
        on: { click: () => { shown.page += by; draw(); box.querySelector(".table-scroll").scrollTop = 0; } },
      }, text);
      return el("p", { class: "pager" }, step(-1, "Previous"), ` page ${words.number(shown.page + 1)} of ${words.number(pages)} `, step(1, "Next"));
    }

    function draw(focus) {
      all = all || columns(app);
      list = list || order(app, shown.column, shown.down);
      const pages = Math.ceil(list.length / PAGE) || 1;
      const rows = list.slice(shown.page * PAGE, (shown.page + 1) * PAGE);
      dom.clear(box).append(
        el("div", { class: "table-head" },
          el("p", null, app.status()),
          el("p", { class: "table-tools" },
            el("button", { type: "button", class: "button", on: { click: () => linemap.exports.csv(app, app.passing) } }, `Download these ${words.number(list.length)} as CSV`),
            list.length < app.flows.n ? el("button", { type: "button", class: "button", on: { click: () => linemap.exports.csv(app, null) } }, `Download all ${words.number(app.flows.n)}`) : null)),
        el("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": "Table of flows" },
          el("table", null,
            el("caption", { class: "unseen" }, "Every flow of this map that passes the filters"),
            el("thead", null, el("tr", null, all.map(heading))),
            el("tbody", null, rows.map((i) => el("tr", null, all.map((column) => {
              const text = column.said(i);
              return el("td", { class: column.number ? "number" : null }, text === null || text === "" ? "" : said(text));
            })))))),
        ...[pager(pages)].filter(Boolean));
      if (focus) {
        const index = all.findIndex((column) => column.key === focus);
        box.querySelectorAll("th button")[index].focus();
      }
    }

    return {
      box,
      refresh() {
        list = null;
        all = null;
        shown.page = 0;
        if (shown.column) shown.column = columns(app).find((column) => column.key === shown.column.key) || null;
        draw();
      },
    };
  }

  return { build, columns };
})();
