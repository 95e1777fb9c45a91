/* What is chosen, what that lets through, and how it is written into the address. */
linemap.state = (function () {
  const { words } = linemap;

  const MOST = 1000; // a column with more values than this is no kind to switch

  /* One way of sorting flows into kinds that a reader can switch on and off. */
  function facet(key, title, codes, labels, more) {
    const n = new Uint32Array(labels.length);
    for (let i = 0; i < codes.length; i++) n[codes[i]]++;
    const present = labels.map((_, code) => code).filter((code) => n[code] > 0);
    if (key === "origin") present.sort((a, b) => (labels[a] < labels[b] ? -1 : labels[a] > labels[b] ? 1 : 0));
    return { key, title, codes, labels, n, present, off: new Set(), ...more };
  }

  function recoded(values, act) {
    const out = new Uint8Array(values.length);
    for (let i = 0; i < out.length; i++) out[i] = act(values[i]);
    return out;
  }

  function facets(model, flows) {
    const { nodes } = model;
    const levels = [null, ...new Set(nodes.level.slice(1))];
    const levelCode = nodes.level.map((level) => Math.max(0, levels.indexOf(level)));
    const external = ["not known", "crosses a force boundary", "stays inside a force area"];
    const crossing = flows.external.texts.map(
      (text) => (text === "yes" ? 1 : text === "no" ? 2 : 0));
    const all = [
      facet("origin", "Origin areas", flows.origin, nodes.name.map(words.name)),
      facet("measure", "What was counted", flows.measure.codes, flows.measure.texts.map(words.name)),
      facet("kind", "Kind of figure", flows.kind,
        ["counted", "named, not counted", "mentioned as an example"]),
      facet("band", "Distance", recoded(flows.band, (band) => band + 1),
        ["distance not known", ...model.style.bandLabels]),
      facet("level", "Level of the destination",
        recoded(flows.destination, (node) => levelCode[node]),
        levels.map((level) => (level === null ? "no place given" : words.level(level)))),
      facet("external", "Force boundaries",
        recoded(flows.external.codes, (code) => crossing[code]), external),
      ...flows.tags.map((tag, i) =>
        facet(`tag${i}`, tag.name, tag.codes, tag.texts.map(words.name))),
    ];
    const few = (one) => one.present.length > 1 && one.present.length <= MOST;
    return all.filter((one) => few(one) || one.key === "origin");
  }

  const monthNumber = (text) => {
    const found = /^(\d{4})-(\d{2})$/.exec(text || "");
    return found ? Number(found[1]) * 12 + Number(found[2]) - 1 : NaN;
  };
  const monthText = (number) =>
    `${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, "0")}`;

  /* The windows of the flows, in months; null when all are the same or none is stated. */
  function periods(flows) {
    const first = new Float64Array(flows.n), last = new Float64Array(flows.n);
    const starts = flows.start.texts.map(monthNumber), ends = flows.end.texts.map(monthNumber);
    let low = Infinity, high = -Infinity;
    const seen = new Set();
    for (let i = 0; i < flows.n; i++) {
      const start = starts[flows.start.codes[i]], end = ends[flows.end.codes[i]];
      first[i] = Number.isNaN(start) ? end : start;
      last[i] = Number.isNaN(end) ? start : end;
      if (Number.isNaN(first[i])) continue;
      low = Math.min(low, first[i]);
      high = Math.max(high, last[i]);
      if (seen.size < 2) seen.add(`${first[i]} ${last[i]}`);
    }
    return seen.size > 1 ? { first, last, low, high } : null;
  }

  /* Which flows pass all that is chosen: 1 or 0 for each. */
  function mask(app) {
    const { flows, facets: sorted, chosen } = app;
    const out = new Uint8Array(flows.n).fill(1);
    for (const one of sorted) {
      if (one.off.size === 0) continue;
      const on = new Uint8Array(one.labels.length).fill(1);
      for (const code of one.off) on[code] = 0;
      const { codes } = one;
      for (let i = 0; i < flows.n; i++) out[i] &= on[codes[i]];
    }
    if (chosen.min > 0) {
      for (let i = 0; i < flows.n; i++) if (!(flows.count[i] >= chosen.min)) out[i] = 0;
    }
    const time = app.periods;
    if (time && (chosen.from > time.low || chosen.to < time.high || !chosen.undated)) {
      for (let i = 0; i < flows.n; i++) {
        const dated = !Number.isNaN(time.first[i]);
        const inside = dated
          ? time.last[i] >= chosen.from && time.first[i] <= chosen.to
          : chosen.undated;
        if (!inside) out[i] = 0;
      }
    }
    return out;
  }

  /* The address keeps what differs from the beginning; numbers point into this page's own data. */
  function write(app) {
    const { chosen } = app;
    const parts = new URLSearchParams();
    if (chosen.view !== "map") parts.set("view", chosen.view);
    if (chosen.place) parts.set("place", chosen.place);
    if (chosen.flow >= 0) parts.set("flow", chosen.flow);
    if (chosen.min) parts.set("min", chosen.min);
    if (chosen.colour !== app.model.style.colourBy) parts.set("colour", chosen.colour);
    if (chosen.level) parts.set("level", chosen.level);
    if (chosen.theme !== "auto") parts.set("theme", chosen.theme);
    if (app.periods) {
      if (chosen.from > app.periods.low) parts.set("from", monthText(chosen.from));
      if (chosen.to < app.periods.high) parts.set("to", monthText(chosen.to));
      if (!chosen.undated) parts.set("undated", "no");
    }
    for (const one of app.facets) {
      if (one.off.size) parts.set(`hide.${one.key}`, [...one.off].sort((a, b) => a - b).join("."));
    }
    if (chosen.at) parts.set("at", chosen.at);
    return parts.toString();
  }

  const whole = (text, low, high, otherwise) => {
    const value = /^-?\d{1,9}$/.test(text || "") ? Number(text) : NaN;
    return value >= low && value <= high ? value : otherwise;
  };

  function read(app, text) {
    const parts = new URLSearchParams(text.replace(/^#/, ""));
    const { chosen } = app;
    const among = (key, allowed, otherwise) =>
      allowed.includes(parts.get(key)) ? parts.get(key) : otherwise;
    chosen.view = among("view", ["map", "origins", "table"], "map");
    chosen.colour = among("colour", ["origin", "distance", "measure"], app.model.style.colourBy);
    chosen.theme = among("theme", ["auto", "light", "dark", "contrast"], "auto");
    chosen.level = among("level", Object.keys(app.model.nodes.parents), "");
    app.useLevel();
    chosen.place = whole(parts.get("place"), 1, app.model.nodes.n - 1, 0);
    chosen.flow = whole(parts.get("flow"), 0, app.flows.n - 1, -1);
    chosen.min = whole(parts.get("min"), 0, 1e9, 0);
    chosen.undated = parts.get("undated") !== "no";
    if (app.periods) {
      const { low, high } = app.periods;
      const inside = (month, otherwise) => (month >= low && month <= high ? month : otherwise);
      chosen.from = inside(monthNumber(parts.get("from")), low);
      chosen.to = inside(monthNumber(parts.get("to")), high);
    }
    for (const one of app.facets) {
      const codes = (parts.get(`hide.${one.key}`) || "").split(".").filter((part) => part !== "");
      one.off = new Set(codes.map((code) => whole(code, 0, one.labels.length - 1, -1))
        .filter((code) => one.present.includes(code)));
    }
    chosen.at = /^-?[\d.]+_-?[\d.]+_[\d.]+$/.test(parts.get("at") || "") ? parts.get("at") : "";
  }

  /* Records, summed to the places around their destinations. Only published counts are summed. */
  function rolledUp(model, level) {
    const { flows, nodes } = model;
    const above = nodes.parents[level];
    const place = new Map();
    const keys = [flows.measure, flows.start, flows.end, flows.pane, ...flows.tags];
    const groups = [];
    for (let i = 0; i < flows.n; i++) {
      const to = above[flows.destination[i]] || 0;
      const key = [flows.origin[i], to, ...keys.map((column) => column.codes[i])].join(" ");
      let group = place.get(key);
      if (!group) {
        group = { first: i, to, count: 0, km: 0, weight: 0, low: Infinity, high: -Infinity };
        place.set(key, group);
        groups.push(group);
      }
      const weight = flows.count[i] || 0;
      group.count += weight;
      if (to && !Number.isNaN(flows.km[i])) {
        group.km += weight * flows.km[i];
        group.weight += weight;
        group.low = Math.min(group.low, flows.low[i]);
        group.high = Math.max(group.high, flows.high[i]);
      }
    }
    groups.sort((a, b) => b.count - a.count || a.first - b.first);
    const pick = (column) => {
      const codes = Uint32Array.from(groups, (group) => column.codes[group.first]);
      return { ...column, codes, at: (i) => column.texts[codes[i]] };
    };
    const km = Float64Array.from(groups, (g) => (g.weight ? g.km / g.weight : NaN));
    const nothing = { codes: new Uint32Array(groups.length), texts: [null], at: () => null };
    return {
      n: groups.length,
      kind: new Uint8Array(groups.length),
      id: (i) => `${level} ${i + 1}`,
      origin: Uint32Array.from(groups, (g) => flows.origin[g.first]),
      destination: Uint32Array.from(groups, (g) => g.to),
      count: Float64Array.from(groups, (g) => g.count),
      km,
      low: Float64Array.from(groups, (g) => (g.weight ? g.low : NaN)),
      high: Float64Array.from(groups, (g) => (g.weight ? g.high : NaN)),
      band: Int8Array.from(km, (value) => (Number.isNaN(value)
        ? -1 : model.style.bandEdges.filter((edge) => value > edge).length)),
      measure: pick(flows.measure), start: pick(flows.start), end: pick(flows.end),
      pane: pick(flows.pane), external: nothing, qualifier: nothing, source: nothing,
      published: nothing, url: nothing, note: nothing,
      tags: flows.tags.map((tag) => ({ name: tag.name, ...pick(tag) })),
    };
  }

  return { facets, periods, mask, write, read, rolledUp, monthText };
})();
