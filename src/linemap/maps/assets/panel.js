/* The side panel: search, what is selected, its flows in words. */
linemap.panel = (function () {
  const { dom, words } = linemap;
  const { el, said } = dom;
  const FIRST = 40;

  const placeButton = (app, node, text) => el("button", {
    type: "button", class: "link", on: { click: () => app.select(node) },
  }, said(words.name(text === undefined ? app.model.nodes.name[node] : text)));

  function source(app, i) {
    const { flows } = app;
    const text = flows.source.at(i);
    if (!text) return null;
    const published = flows.published.at(i);
    const url = flows.url.at(i);
    const linked = /^https?:\/\/[^\s]+$/i.test(url || "");
    return el("p", { class: "flow-source" }, "Source: ",
      linked ? el("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, said(text)) : said(text),
      published ? [", published ", said(published)] : null);
  }

  function figure(app, i) {
    const { flows } = app;
    const mentioned = flows.kind[i] === 2;
    if (Number.isNaN(flows.count[i])) return mentioned ? "mentioned as an example" : "named, not counted";
    return null;
  }

  /* One flow in full. `from` is the place whose list it stands in, if any. */
  function card(app, i, from) {
    const { flows, model } = app;
    const other = from === flows.origin[i] ? flows.destination[i] : flows.origin[i];
    const bare = figure(app, i);
    const dot = el("span", { class: "swatch", "aria-hidden": "true" });
    dot.style.backgroundColor = app.colourOf(i);
    const ends = from
      ? [from === flows.destination[i] ? "from " : null, other ? placeButton(app, other) : "destination not stated"]
      : [placeButton(app, flows.origin[i]), " to ",
        flows.destination[i] ? placeButton(app, flows.destination[i]) : "a destination not stated"];
    const level = from && other ? model.nodes.level[other] : model.nodes.level[flows.destination[i]];
    return el("li", { class: "flow", "data-flow": i },
      el("p", { class: "flow-ends" }, dot, el("span", null, ends,
        level ? el("span", { class: "quiet" }, ` ${words.level(level)}`) : null)),
      el("p", { class: "flow-count" },
        bare ? el("span", { class: "quiet" }, bare) : [el("strong", null, words.number(flows.count[i])), " ", said(words.name(flows.measure.at(i)))],
        flows.qualifier.at(i) === "derived" ? el("span", { class: "quiet" }, " (derived)") : null,
        share(app, i, from)),
      el("p", { class: "flow-more" },
        app.curves.kind[i] ? words.distance(flows.km[i], flows.low[i], flows.high[i]) : "not on the map",
        " · ", said(words.period(flows.start.at(i), flows.end.at(i))),
        flows.tags.map((tag) => (tag.at(i) === null ? null : [" · ", said(tag.at(i))]))),
      flows.note.at(i) ? el("p", { class: "flow-note" }, said(flows.note.at(i))) : null,
      source(app, i));
  }

  /* A record's share of what its place has, in the same measure, as published. */
  function share(app, i, from) {
    if (app.model.statements || !from || !(app.flows.count[i] > 0)) return null;
    const side = from === app.flows.origin[i] ? app.flows.origin : app.flows.destination;
    const code = app.flows.measure.codes[i];
    let sum = 0;
    for (let k = 0; k < app.flows.n; k++) {
      if (side[k] === from && app.flows.measure.codes[k] === code) sum += app.flows.count[k] || 0;
    }
    return el("span", { class: "quiet" }, ` ${Math.round((100 * app.flows.count[i]) / sum)} % of what is shown`);
  }

  function list(app, all, from) {
    const items = el("ol", { class: "flows" });
    let shown = 0;
    const more = el("button", { type: "button", class: "button", on: { click: () => add() } });
    function add() {
      const next = all.slice(shown, shown + FIRST);
      items.append(...next.map((i) => card(app, i, from)));
      shown += next.length;
      more.hidden = shown >= all.length;
      more.textContent = `Show ${words.number(Math.min(FIRST, all.length - shown))} more of ${words.number(all.length)}`;
    }
    add();
    return [items, more];
  }

  function facts(app, outgoing, incoming) {
    const parts = [];
    const noun = app.model.statements ? "statement" : "flow";
    const say = (flows, side, word) => {
      if (!flows.length) return;
      const places = new Set(flows.map((i) => side[i]).filter((node) => node));
      const unknown = flows.filter((i) => !side[i]).length;
      parts.push(`${words.plural(flows.length, noun)} ${word === "to" ? "from here" : "to here"}, ${word} ${words.plural(places.size, "place")}`
        + (unknown ? `; ${words.number(unknown)} without a destination` : ""));
    };
    say(outgoing, app.flows.destination, "to");
    say(incoming, app.flows.origin, "from");
    return parts.map((text) => el("p", null, text + "."));
  }

  function place(app, node) {
    const { flows, model } = app;
    const outgoing = [], incoming = [];
    for (let i = 0; i < flows.n; i++) {
      if (!app.mask[i]) continue;
      if (flows.origin[i] === node) outgoing.push(i);
      else if (flows.destination[i] === node) incoming.push(i);
    }
    const group = (title, all) => (all.length ? [el("h3", null, title), list(app, all, node)] : null);
    return [
      el("div", { class: "chosen-head" },
        el("h2", { id: "linemap-chosen", tabindex: -1 }, said(words.name(model.nodes.name[node])),
          el("span", { class: "quiet" }, ` ${words.level(model.nodes.level[node])}`)),
        close(app)),
      facts(app, outgoing, incoming),
      outgoing.length + incoming.length === 0
        ? el("p", null, "Nothing here passes the filters.") : null,
      group("To", outgoing),
      group(outgoing.length ? "From" : "From these origins", incoming),
    ];
  }

  const close = (app) => el("button", {
    type: "button", class: "button close", on: { click: () => app.select(0) },
  }, "Clear", el("span", { class: "unseen" }, " the selection"));

  function pinned(app, i) {
    return [
      el("div", { class: "chosen-head" }, el("h2", { id: "linemap-chosen", tabindex: -1 }, "One flow"), close(app)),
      el("ol", { class: "flows" }, card(app, i, 0)),
    ];
  }

  /* Origins, each with its widest figure and its furthest place: the map in ten seconds, in words. */
  function overview(app) {
    const { flows, model } = app;
    const rows = new Map();
    for (const i of app.passing) {
      const origin = flows.origin[i];
      if (!rows.has(origin)) rows.set(origin, { origin, n: 0, best: new Map(), far: -1, places: new Set(), mentioned: new Set() });
      const row = rows.get(origin);
      row.n++;
      const mentioned = flows.kind[i] === 2;
      if (flows.destination[i]) (mentioned ? row.mentioned : row.places).add(flows.destination[i]);
      if (app.curves.kind[i] && !Number.isNaN(flows.count[i])) {
        const code = flows.measure.codes[i];
        if (!row.best.has(code)) row.best.set(code, []);
        row.best.get(code).push(i);
      }
      if (app.curves.kind[i] && !mentioned && (row.far < 0 || flows.km[i] > flows.km[row.far])) row.far = i;
    }
    const sorted = [...rows.values()].sort((a, b) => b.places.size - a.places.size || b.n - a.n || a.origin - b.origin);
    const noun = model.statements ? "statement" : "flow";
    /* the largest figure of the measure that this origin has most figures of */
    const most = (row) => {
      const [best] = [...row.best.values()].sort((a, b) => b.length - a.length || a[0] - b[0]);
      if (!best) return null;
      const i = best[0];
      return [" · most ", said(words.name(flows.measure.at(i))), ": ", said(words.name(model.nodes.name[flows.destination[i]])), ` ${words.number(flows.count[i])}`];
    };
    /* a place that is only an example is not stated to be a destination */
    const reached = (row) => {
      const more = [...row.mentioned].filter((node) => !row.places.has(node)).length;
      const examples = more ? `${words.number(more)} ${row.places.size ? "more " : ""}only mentioned` : "";
      if (!row.places.size) return examples || `${words.plural(row.n, noun)} without a destination`;
      return words.plural(row.places.size, "destination") + (examples ? `, ${examples}` : "");
    };
    const item = (row) => {
      const dot = el("span", { class: "swatch", "aria-hidden": "true" });
      dot.style.backgroundColor = app.originColour(row.origin);
      return el("li", { class: "reach" },
        el("p", { class: "flow-ends" }, dot, placeButton(app, row.origin)),
        el("p", { class: "flow-more" },
          reached(row),
          most(row),
          row.far >= 0 ? [" · furthest: ", said(words.name(model.nodes.name[flows.destination[row.far]])), ` ${words.distance(flows.km[row.far], flows.low[row.far], flows.high[row.far])}`] : null));
    };
    const reaches = (row) => row.places.size + row.mentioned.size > 0;
    const reaching = sorted.filter(reaches), totals = sorted.filter((row) => !reaches(row));
    const first = reaching.slice(0, 12), rest = reaching.slice(12);
    return [
      el("h2", null, "How far each origin reaches"),
      rows.size === 0 ? el("p", null, app.flows.n ? "Nothing passes the filters." : "There is nothing to draw.") : null,
      el("ol", { class: "flows" }, first.map(item)),
      rest.length ? el("details", null, el("summary", null, `${words.number(rest.length)} more origins`),
        el("ol", { class: "flows" }, rest.map(item))) : null,
      totals.length ? el("details", null, el("summary", null, `${words.plural(totals.length, "origin")} without any destination`),
        el("ol", { class: "flows" }, totals.map(item))) : null,
    ];
  }

  function build(app) {
    if (app.chosen.flow >= 0) return pinned(app, app.chosen.flow);
    if (app.chosen.place) return place(app, app.chosen.place);
    return overview(app);
  }

  /* A combobox over the names of all places that flows touch. */
  function search(app) {
    const listId = "linemap-found";
    const input = el("input", {
      type: "text", id: "linemap-search", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list",
      placeholder: "Find a place",
    });
    const found = el("ul", { id: listId, role: "listbox", class: "found", hidden: true, "aria-label": "Places found" });
    let at = -1, nodes = [];
    const plain = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f’'`.-]/g, "").toLowerCase();
    function show() {
      const wanted = plain(input.value.trim());
      nodes = wanted ? app.searchable().filter((node) => plain(app.model.nodes.name[node] || "").includes(wanted)) : [];
      nodes.sort((a, b) => plain(app.model.nodes.name[a]).indexOf(wanted) - plain(app.model.nodes.name[b]).indexOf(wanted) || a - b);
      nodes = nodes.slice(0, 8);
      at = nodes.length ? 0 : -1;
      draw();
    }
    function draw() {
      dom.clear(found);
      nodes.forEach((node, k) => found.append(el("li", {
        role: "option", id: `linemap-found-${k}`, "aria-selected": k === at ? "true" : "false",
        on: { mousedown: (event) => { event.preventDefault(); choose(node); } },
      }, said(words.name(app.model.nodes.name[node])), el("span", { class: "quiet" }, ` ${words.level(app.model.nodes.level[node])}`))));
      const none = input.value.trim() !== "" && nodes.length === 0;
      if (none) found.append(el("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, "No place on this map has that name."));
      found.hidden = nodes.length === 0 && !none;
      input.setAttribute("aria-expanded", String(!found.hidden));
      if (at >= 0) input.setAttribute("aria-activedescendant", `linemap-found-${at}`);
      else input.removeAttribute("aria-activedescendant");
    }
    function hide() {
      nodes = [];
      at = -1;
      found.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function choose(node) {
      input.value = "";
      hide();
      app.select(node, true);
    }
    input.addEventListener("input", show);
    input.addEventListener("blur", hide);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!nodes.length) return;
        event.preventDefault();
        at = (at + (event.key === "ArrowDown" ? 1 : nodes.length - 1)) % nodes.length;
        draw();
      } else if (event.key === "Enter" && at >= 0) {
        event.preventDefault();
        choose(nodes[at]);
      } else if (event.key === "Escape") {
        input.value = "";
        hide();
      }
    });
    return el("div", { class: "search" },
      el("label", { for: "linemap-search", class: "unseen" }, "Find a place"), input, found);
  }

  /* What the pointer is over, in a few words. */
  function tip(app, i) {
    const { flows, model } = app;
    const bare = figure(app, i);
    return [
      el("p", { class: "tip-ends" }, said(words.name(model.nodes.name[flows.origin[i]])), " to ", said(words.name(model.nodes.name[flows.destination[i]]))),
      el("p", null, bare || [el("strong", null, words.number(flows.count[i])), " ", said(words.name(flows.measure.at(i)))]),
      el("p", { class: "quiet" }, words.distance(flows.km[i], flows.low[i], flows.high[i])),
      el("p", { class: "quiet" }, said(words.period(flows.start.at(i), flows.end.at(i)))),
      flows.note.at(i) ? el("p", { class: "quiet" }, said(flows.note.at(i))) : null,
      flows.source.at(i) ? el("p", { class: "quiet" }, said(flows.source.at(i))) : null,
    ];
  }

  function placeTip(app, node) {
    let to = 0, from = 0;
    for (const i of app.passing) {
      if (app.flows.origin[i] === node) from++;
      if (app.flows.destination[i] === node) to++;
    }
    const noun = app.model.statements ? "statement" : "flow";
    return [
      el("p", { class: "tip-ends" }, said(words.name(app.model.nodes.name[node]))),
      el("p", { class: "quiet" }, words.level(app.model.nodes.level[node])),
      from ? el("p", null, `${words.plural(from, noun)} from here`) : null,
      to ? el("p", null, `${words.plural(to, noun)} to here`) : null,
    ];
  }

  return { build, search, tip, placeTip };
})();
