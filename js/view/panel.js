/** The side panel: what is chosen, and what the release says of it, in words. */

/** @import { App } from "./app.js" */
/** @import { Flows, Sum } from "../core/types.ts" */
/** @import { Group, Part } from "../core/answers.js" */
/** @import { Children } from "../core/types.ts" */

import { answer, awayFrom, fineness, howFar, onlyPeriods, together } from "../core/answers.js";
import { holds } from "../core/ground.js";
import { isReached } from "../core/headlines.js";
import { isWide } from "../core/decode.js";
import { sumOf } from "../core/sums.js";
import { monthNumber } from "../core/filter.js";
import { button, el, said, swatch, unseen } from "./dom.js";
import * as words from "../core/words.js";

const { TEXT } = words;
const FIRST = 40; // cards of a list
const SENDERS = 8; // rows of a list of places

/** @param {App} app @param {number} node */
function placeButton(app, node) {
  const text = words.name(app.model.nodes.name[node]);
  if (node === app.model.hub || !node) return said(text);
  return el(
    "button",
    {
      type: "button",
      class: "link",
      on: { click: () => app.select(app.model.nodes.same[node], { go: true }) },
    },
    said(text),
  );
}

/** @param {App} app @param {number} i */
function source(app, i) {
  const { flows } = app.reading;
  const text = flows.source.at(i);
  if (!text) return null;
  const published = flows.published.at(i);
  const url = flows.url.at(i) || "";
  const linked = /^https?:\/\/[^\s]+$/i.test(url);
  return el(
    "p",
    { class: "flow-source" },
    `${TEXT.source}: `,
    linked
      ? el("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, said(text))
      : said(text),
    published ? [`, ${TEXT.published} `, said(published)] : null,
  );
}

/** A count of a row with what it counts, or that it counts nothing. @param {App} app @param {number} i */
function figure(app, i) {
  const { flows } = app.reading;
  if (Number.isNaN(flows.count[i])) {
    const qualifier = flows.qualifier.at(i);
    if (words.isPrinted(qualifier)) {
      return said(TEXT.printed(words.name(flows.measure.at(i)), qualifier || ""));
    }
    return el("span", { class: "quiet" }, words.kinds([])[flows.kind[i] === 2 ? 2 : 1]);
  }
  return [
    el("strong", null, app.look.amount(flows.count[i])),
    " ",
    said(words.name(flows.measure.at(i))),
  ];
}

/** A rate a month, where windows of different length stand beside each other. @param {App} app @param {number} i */
function rate(app, i) {
  const { flows, periods } = app.reading;
  if (!periods || Number.isNaN(flows.count[i])) return null;
  const months = monthNumber(flows.end.at(i)) - monthNumber(flows.start.at(i)) + 1;
  if (!(months > 0) || !app.windowsDiffer()) return null;
  return el(
    "span",
    { class: "quiet" },
    ` · ${TEXT.perMonth((flows.count[i] / months).toFixed(1))}`,
  );
}

/**
 * One row in full. `from` is the place whose list it stands in, if any.
 * @param {App} app @param {number} i @param {number} from
 */
function card(app, i, from) {
  const { model, reading } = app;
  const { flows } = reading;
  const { nodes } = model;
  const [a, b] = [flows.origin[i], flows.destination[i]];
  const there = (/** @type {number} */ node) => node && nodes.same[node] === nodes.same[from];
  const ends = there(b)
    ? [`${TEXT.from} `, placeButton(app, a)]
    : there(a)
      ? [b ? placeButton(app, b) : TEXT.noDestination]
      : [placeButton(app, a), ` ${TEXT.to} `, b ? placeButton(app, b) : TEXT.noDestination];
  const level = nodes.level[there(b) ? a : b];
  const km =
    isWide(nodes, b) && !model.statements
      ? TEXT.areaOnly
      : words.distance(flows.km[i], flows.low[i], flows.high[i]);
  return el(
    "li",
    { class: "flow" },
    el(
      "p",
      { class: "flow-ends" },
      swatch(app.look.rowColour(i)),
      el(
        "span",
        null,
        ends,
        level ? el("span", { class: "quiet" }, ` ${words.level(level)}`) : null,
      ),
    ),
    el(
      "p",
      { class: "flow-count" },
      figure(app, i),
      flows.qualifier.at(i) === "derived"
        ? el("span", { class: "quiet" }, ` (${TEXT.derived})`)
        : null,
      rate(app, i),
    ),
    el(
      "p",
      { class: "flow-more" },
      reading.curves.kind[reading.pairs.of[i]] ? km : TEXT.notDrawn,
      " · ",
      said(words.period(flows.start.at(i), flows.end.at(i))),
      flows.tags.map((tag) => (tag.at(i) === null ? null : [" · ", said(tag.at(i))])),
    ),
    flows.note.at(i) ? el("p", { class: "flow-note" }, said(flows.note.at(i))) : null,
    source(app, i),
  );
}

/** @param {App} app @param {number[]} all @param {number} from */
function cards(app, all, from) {
  const items = el("ol", { class: "flows" });
  let shown = 0;
  const more = button("", () => add(true));
  /** @param {boolean} go */
  function add(go) {
    const next = all.slice(shown, shown + FIRST).map((i) => card(app, i, from));
    items.append(...next);
    shown += next.length;
    more.hidden = shown >= all.length;
    more.textContent = TEXT.showMore(Math.min(FIRST, all.length - shown), all.length);
    if (!go) return;
    next[0].tabIndex = -1;
    next[0].focus();
    app.announce(TEXT.shownMore(shown, all.length));
  }
  add(false);
  return [items, more];
}

/** @param {App} app @param {string | null} title @param {string} [quiet] */
const head = (app, title, quiet) =>
  el(
    "div",
    { class: "chosen-head" },
    el(
      "h2",
      { id: "linemap-chosen", tabindex: -1 },
      said(title),
      quiet ? el("span", { class: "quiet" }, ` ${quiet}`) : null,
    ),
    el(
      "p",
      { class: "tools" },
      button(TEXT.copyLink, () => app.copyLink()),
      button([TEXT.clear, unseen(` ${TEXT.theSelection}`)], () => app.select(0, { go: true }), {
        class: "button close",
      }),
    ),
  );

/**
 * Places with their sums, as bars, and how far each is where `away` tells.
 * @param {App} app @param {{ node: number, sum: Sum, rows?: number[] }[]} rows
 * @param {(row: { node: number, sum: Sum, rows?: number[] }) => string} [away]
 */
function bars(app, rows, away = () => "") {
  const most = Math.max(...rows.map((row) => row.sum.n), 1);
  const list = el("ol", { class: "bars" });
  const { nodes } = app.model;
  const doubled = new Set(
    rows.map((row) => nodes.name[row.node]).filter((one, k, all) => all.indexOf(one) !== k),
  );
  const item = (/** @type {{ node: number, sum: Sum, rows?: number[] }} */ row) => {
    const level = doubled.has(nodes.name[row.node])
      ? ` ${words.level(nodes.level[row.node])}`
      : null;
    const bar = el("span", { class: "bar-fill", "aria-hidden": "true" });
    bar.style.width = `${(100 * row.sum.n) / most}%`;
    return el(
      "li",
      null,
      el(
        "span",
        { class: "bar-name" },
        placeButton(app, row.node),
        level ? el("span", { class: "quiet" }, level) : null,
        el("span", { class: "quiet" }, ` ${away(row)}`),
      ),
      el("span", { class: "bar-n" }, app.look.amount(row.sum.n)),
      el("span", { class: "bar-box" }, bar),
    );
  };
  list.append(...rows.slice(0, SENDERS).map(item));
  if (rows.length <= SENDERS) return list;
  const more = button(TEXT.showAll(rows.length), () => {
    const next = rows.slice(SENDERS).map(item);
    list.append(...next);
    more.remove();
    next[0].tabIndex = -1;
    next[0].focus();
  });
  return [list, more];
}

/** How far a place is from the origins of the view of all together. @param {App} app @param {number} node */
function awayText(app, node) {
  const { model } = app;
  const away = model.whereTo
    ? words.reachOf(awayFrom(model, model.whereTo, [], model.nodes.same[node]))
    : "";
  return away ? el("p", null, TEXT.away(away)) : null;
}

/** @param {App} app @param {number[]} rows */
function far(app, rows) {
  const { flows } = app.reading;
  const { nodes } = app.model;
  const km = howFar(
    flows,
    app.model.statements
      ? rows
      : rows.filter((i) => !isWide(nodes, flows.destination[i]) && !isWide(nodes, flows.origin[i])),
  );
  return km ? el("p", null, TEXT.howFar(km.from, km.to, km.low, km.high)) : null;
}

/** Records of one measure and direction on a place's ground. @param {App} app @param {Part} part @param {string | null} start @param {string | null} end */
function recordPart(app, part, start, end) {
  const { reading, model } = app;
  const { nodes } = model;
  const rows = part.groups.flatMap((group) => group.rows);
  const measure = words.name(reading.flows.measure.texts[part.measure]);
  /* what went to no place that is known stands under its own heading */
  const others = part.others.filter(
    ({ node }) => part.direction === "to" || nodes.id[node] !== null,
  );
  const open = [
    ...part.around.map((one) => [words.name(nodes.name[one.node]), one.sum]),
    ...(part.pooled.n ? [[TEXT.pooled, part.pooled]] : []),
    ...(part.unknown.n ? [[TEXT.unplaced, part.unknown]] : []),
  ];
  return el(
    "section",
    { class: "answer" },
    el(
      "h3",
      null,
      part.direction === "to" && reading.hasTogether
        ? `${TEXT.eachOrigin}: `
        : `${TEXT.direction[part.direction]}: `,
      said(measure),
    ),
    el("p", { class: "answer-sum" }, el("strong", null, words.about(part.sum)), ` ${TEXT.shown}`),
    part.sum.figures > 1 && model.rule
      ? el("p", { class: "quiet" }, TEXT.sum(part.sum.figures))
      : null,
    far(app, rows),
    start ? el("p", null, TEXT.between(words.period(start, end))) : null,
    rows.length ? onlyIn(app, rows) : null,
    others.length
      ? [el("h4", null, part.direction === "to" ? TEXT.fromWhom : TEXT.whereTo), bars(app, others)]
      : null,
    open.length
      ? [
          el("h4", null, part.direction === "from" ? TEXT.ofThese : TEXT.mayHold),
          el(
            "ul",
            { class: "open" },
            open.map(([name, sum]) =>
              el("li", null, said(String(name)), `: ${words.about(/** @type {Sum} */ (sum))}`),
            ),
          ),
        ]
      : null,
    model.rule ? el("p", { class: "quiet" }, TEXT.notShown(model.rule.threshold)) : null,
    el(
      "details",
      null,
      el("summary", null, TEXT.figures(rows.length)),
      part.groups.map((group) => groupOf(app, group, true)),
    ),
  );
}

/** The rows of one place and measure, under its own heading. @param {App} app @param {Group} group @param {boolean} [sums] */
function groupOf(app, group, sums) {
  const { nodes } = app.model;
  const { flows } = app.reading;
  const measure = words.name(flows.measure.texts[group.measure]);
  return [
    el(
      sums ? "h4" : "h3",
      { class: "group" },
      `${TEXT.direction[group.direction]} `,
      said(words.name(nodes.name[group.node])),
      el("span", { class: "quiet" }, ` ${words.level(nodes.level[group.node])} · `, said(measure)),
      sums
        ? el("span", { class: "quiet" }, ` · ${words.about(sumOf(app.model, flows, group.rows))}`)
        : null,
    ),
    cards(app, group.rows, group.node),
  ];
}

/** @param {App} app @param {number} node */
function place(app, node) {
  const { model, reading } = app;
  const { nodes } = model;
  const sends = model.statements ? reading : reading.view(false, "");
  const found = answer(model, sends.flows, sends.passing, node);
  const none = found.rows.length === 0;
  const filtered = reading.passing.length < reading.flows.n;
  const parts = [
    head(app, words.name(nodes.name[node]), words.level(nodes.level[node])),
    none ? el("p", null, filtered ? TEXT.nothingPasses : TEXT.nothingHere) : null,
    none && model.rule ? el("p", { class: "quiet" }, TEXT.notShown(model.rule.threshold)) : null,
  ];
  if (model.statements) {
    const isNamesake = (/** @type {Group} */ one) => nodes.name[one.node] === nodes.name[node];
    const namesakes = found.around.filter(isNamesake);
    const others = found.around.filter((one) => !isNamesake(one));
    return [
      ...parts,
      found.groups.length > 1 ? el("p", { class: "quiet" }, TEXT.neverAdded) : null,
      far(app, found.rows),
      ...found.groups.map((group) => groupOf(app, group)),
      ...namesakes.map((group, k) => [
        k ? null : el("p", { class: "quiet" }, TEXT.namesake),
        groupOf(app, group),
      ]),
      others.length
        ? el(
            "details",
            { open: none && !namesakes.length },
            el("summary", null, TEXT.areasAround),
            others.map((group) => groupOf(app, group)),
          )
        : null,
    ];
  }
  const all = reading.hasTogether ? together(model, reading.view(true), node) : [];
  return [
    ...parts.slice(0, 1),
    ...(all.length ? [] : parts.slice(1)),
    all.map((one) =>
      el(
        "section",
        { class: "answer" },
        el("h3", null, `${TEXT.allOriginsTogether}: `, said(words.name(one.measure))),
        el(
          "p",
          { class: "answer-sum" },
          el("strong", null, words.about(one.sum)),
          ` ${TEXT.shown}`,
        ),
        one.sum.figures > 1 && model.rule
          ? el("p", { class: "quiet" }, TEXT.sum(one.sum.figures))
          : null,
        onlyIn(app, one.rows, reading.view(true)),
        awayText(app, node),
        el("p", { class: "quiet" }, TEXT.twoViews),
      ),
    ),
    ...found.parts.map((part) => recordPart(app, part, found.start, found.end)),
    none ? around(app, [node]) : null,
  ];
}

/**
 * Of records: the sums of areas that hold a place, of all origins together where that is shown.
 * @param {App} app @param {number[]} places
 * @param {boolean} [itself] with the sums of the places themselves
 */
function around(app, places, itself) {
  const { model, reading } = app;
  const { nodes } = model;
  const { flows, passing } = reading.view(reading.hasTogether, "");
  /** @type {Map<string, Group>} */
  const found = new Map();
  for (const node of places) {
    const { groups, around: wider } = answer(model, flows, passing, node);
    const own = itself ? groups.filter((group) => group.relation === "same") : [];
    for (const group of [...own, ...wider]) {
      if (group.direction === "to") found.set(`${group.node} ${group.measure}`, group);
    }
  }
  const list = [...found.values()];
  if (!list.length) return null;
  return [
    el(
      "h3",
      null,
      TEXT.areasAround,
      reading.hasTogether ? el("span", { class: "quiet" }, ` ${TEXT.ofAllOrigins}`) : null,
    ),
    el(
      "ul",
      { class: "open" },
      list.map((group) =>
        el(
          "li",
          null,
          placeButton(app, group.node),
          el("span", { class: "quiet" }, ` ${words.level(nodes.level[group.node])}`),
          `: ${words.about(sumOf(model, flows, group.rows))} `,
          said(words.name(flows.measure.texts[group.measure])),
        ),
      ),
    ),
  ];
}

/** A town of the base map that the release does not name. @param {App} app @param {string} name */
function elsewhere(app, name) {
  const { model, reading } = app;
  const town = model.base.towns.find((one) => one.name === name);
  const holding = [...model.nodes.outline].filter(
    ([node, at]) => town && !isWide(model.nodes, node) && holds(at(2).rings, town.x, town.y),
  );
  const groups = model.statements
    ? holding.flatMap(([node]) => {
        const found = answer(model, reading.flows, reading.passing, node);
        return found.groups.filter((group) => group.relation === "same");
      })
    : [];
  return [
    head(app, name, TEXT.noneHere),
    el("p", null, el("strong", null, TEXT.notOnMap)),
    model.rule ? el("p", { class: "quiet" }, TEXT.notShown(model.rule.threshold)) : null,
    model.statements
      ? null
      : around(
          app,
          holding.map(([node]) => node),
          true,
        ),
    groups.length
      ? [el("h3", null, TEXT.areasAround), groups.map((group) => groupOf(app, group))]
      : null,
  ];
}

/** @param {App} app @param {[number, number]} pair */
function pinned(app, [a, b]) {
  const { model, reading } = app;
  const rows = reading.rows();
  const measures = new Set(rows.map((i) => reading.flows.measure.codes[i]));
  const title = `${words.name(model.nodes.name[a])} ${TEXT.to} ${words.name(model.nodes.name[b])}`;
  return [
    head(app, title),
    rows.length === 0 ? el("p", null, TEXT.nothingPasses) : null,
    model.statements && rows.length > 1 ? el("p", { class: "quiet" }, TEXT.neverAdded) : null,
    model.statements
      ? null
      : [...measures].map((measure) => {
          const mine = rows.filter((i) => reading.flows.measure.codes[i] === measure);
          const sum = sumOf(model, reading.flows, mine);
          return [
            el(
              "p",
              { class: "answer-sum" },
              el("strong", null, words.about(sum)),
              " ",
              said(words.name(reading.flows.measure.texts[measure])),
            ),
            sum.figures > 1 && model.rule
              ? el("p", { class: "quiet" }, TEXT.sum(sum.figures))
              : null,
          ];
        }),
    a === model.hub && reading.together ? awayText(app, b) : far(app, rows),
    a === model.hub && b ? el("p", null, placeButton(app, b)) : null,
    cards(app, rows, 0),
  ];
}

/** How finely records are shown, as one bar in parts. @param {App} app */
function share(app) {
  const { model, reading } = app;
  const rows = reading.passing.filter((i) => reading.flows.measure.codes[i] === reading.main);
  const parts = fineness(model, reading.flows, rows);
  const total = parts.reduce((n, one) => n + one.sum.n, 0);
  if (!total) return null;
  const name = (/** @type {string} */ level) =>
    level === "pooled" ? TEXT.pooled : level === "none" ? TEXT.unplaced : words.level(level);
  const bar = el("div", { class: "share", "aria-hidden": "true" });
  parts.forEach((one, k) => {
    const piece = el("span", { class: `share-${one.level === "none" ? "none" : k}` });
    piece.style.width = `${(100 * one.sum.n) / total}%`;
    bar.append(piece);
  });
  return el(
    "section",
    { class: "answer" },
    el("h3", null, TEXT.fineness),
    bar,
    el(
      "ul",
      { class: "open" },
      parts.map((one) =>
        el(
          "li",
          null,
          `${name(one.level)}: ${Math.round((100 * one.sum.n) / total)}%`,
          el("span", { class: "quiet" }, ` ${words.about(one.sum)}`),
        ),
      ),
    ),
  );
}

/** What is shown only by region or nation. @param {App} app */
function onlyAreas(app) {
  const { reading, model } = app;
  return [
    el("h4", null, TEXT.onlyAreas),
    el(
      "ul",
      { class: "open" },
      [...reading.shaded]
        .sort((a, b) => b[1].n - a[1].n)
        .map(([node, sum]) =>
          el("li", null, said(words.name(model.nodes.name[node])), `: ${words.about(sum)}`),
        ),
    ),
  ];
}

/** Records in ten seconds: where most go, from whom, how finely it is known. @param {App} app */
function recordsOverview(app) {
  const { model, reading } = app;
  const { nodes } = model;
  const measure = reading.flows.measure.texts[reading.main];
  const level = reading.overviewLevel;
  const sends = reading.view(false, level);
  /* the view that the key numbers are of */
  const to = reading.view(reading.together, level);
  const fine = (/** @type {number} */ node) => nodes.id[node] !== null && !isWide(nodes, node);
  /** @param {typeof to} view @param {Uint32Array} side */
  const most = ({ flows, passing }, side) => {
    /** @type {Map<number, number[]>} */
    const found = new Map();
    for (const i of passing) {
      if (!fine(side[i]) || flows.measure.at(i) !== measure) continue;
      const node = nodes.same[side[i]];
      const list = found.get(node);
      if (list) list.push(i);
      else found.set(node, [i]);
    }
    return [...found]
      .map(([node, list]) => ({ node, sum: sumOf(model, flows, list), rows: list }))
      .sort((a, b) => b.sum.n - a.sum.n || a.node - b.node);
  };
  const found = most(to, to.flows.destination);
  const came = most(sends, sends.flows.origin);
  const some = to.passing.length > 0;
  /* how far it is is told by the published rows, not by the middle of what they are summed by */
  const published = reading.view(reading.together, "");
  const above = level ? nodes.parents[level] : null;
  /** @type {Map<number, number[]>} */
  const rowsOf = new Map();
  for (const i of published.passing) {
    const end = published.flows.destination[i];
    if (published.flows.measure.at(i) !== measure) continue;
    const node = nodes.same[above?.[end] || end];
    const list = rowsOf.get(node);
    if (list) list.push(i);
    else rowsOf.set(node, [i]);
  }
  const away = (/** @type {{ node: number }} */ { node }) =>
    words.reachOf(awayFrom(model, published.flows, rowsOf.get(node) || [], node));
  const sent = sumOf(
    model,
    sends.flows,
    sends.passing.filter((i) => sends.flows.measure.at(i) === measure),
  );
  return [
    el(
      "h2",
      { id: "linemap-chosen", tabindex: -1 },
      TEXT.whereTo,
      el(
        "span",
        { class: "quiet" },
        " ",
        said(words.name(measure)),
        model.whereTo && !reading.together ? TEXT.head.apart : null,
      ),
    ),
    some ? null : el("p", null, reading.flows.n ? TEXT.nothingPassesAtAll : TEXT.nothingToDraw),
    found.length ? bars(app, found, away) : some ? el("p", null, TEXT.noneFine) : null,
    found.some(away)
      ? el("p", { class: "quiet" }, reading.together ? TEXT.farMeans : TEXT.farMeansEach)
      : null,
    reading.shaded.size ? onlyAreas(app) : null,
    came.length
      ? [
          el("h3", null, TEXT.fromWhom),
          to.flows === sends.flows
            ? null
            : el("p", { class: "quiet" }, TEXT.shownByOrigin(words.about(sent))),
          bars(app, came),
        ]
      : null,
    to.flows === sends.flows ? null : el("p", { class: "quiet" }, TEXT.twoViews),
    share(app),
  ];
}

/** Statements: each origin with its widest figure and its furthest place. @param {App} app */
function statementsOverview(app) {
  const { model, reading } = app;
  const { flows, curves, pairs } = reading;
  const { nodes } = model;
  /** @typedef {{ origin: number, n: number, best: Map<number, number[]>, far: number, places: Set<number>, mentioned: Set<number> }} Row */
  /** @type {Map<number, Row>} */
  const rows = new Map();
  for (const i of reading.passing) {
    const origin = flows.origin[i];
    let row = rows.get(origin);
    if (!row) {
      row = { origin, n: 0, best: new Map(), far: -1, places: new Set(), mentioned: new Set() };
      rows.set(origin, row);
    }
    row.n++;
    const mentioned = flows.kind[i] === 2;
    const drawn = curves.kind[pairs.of[i]];
    if (flows.destination[i]) (mentioned ? row.mentioned : row.places).add(flows.destination[i]);
    if (drawn && !Number.isNaN(flows.count[i])) {
      const code = flows.measure.codes[i];
      row.best.set(code, [...(row.best.get(code) || []), i]);
    }
    if (drawn && !mentioned && isReached(model, flows.destination[i])) {
      if (row.far < 0 || flows.km[i] > flows.km[row.far]) row.far = i;
    }
  }
  const sorted = [...rows.values()].sort(
    (a, b) => b.places.size - a.places.size || b.n - a.n || a.origin - b.origin,
  );
  const there = (/** @type {number} */ i) => said(words.name(nodes.name[flows.destination[i]]));
  /* the largest figure of the measure that this origin has most figures of */
  const most = (/** @type {Row} */ row) => {
    const [best] = [...row.best.values()].sort((a, b) => b.length - a.length || a[0] - b[0]);
    if (!best) return null;
    return [
      ` · ${TEXT.most} `,
      said(words.name(flows.measure.at(best[0]))),
      ": ",
      there(best[0]),
      ` ${words.number(flows.count[best[0]])}`,
    ];
  };
  /* a place that is only an example is not stated to be a destination */
  const reached = (/** @type {Row} */ row) => {
    const more = [...row.mentioned].filter((node) => !row.places.has(node)).length;
    const examples = more ? TEXT.onlyMentioned(more, row.places.size > 0) : "";
    if (!row.places.size) return examples || TEXT.statementsWithout(row.n);
    return words.plural(row.places.size, "destination") + (examples ? `, ${examples}` : "");
  };
  const item = (/** @type {Row} */ row) =>
    el(
      "li",
      { class: "reach" },
      el(
        "p",
        { class: "flow-ends" },
        swatch(app.look.originColour(row.origin)),
        placeButton(app, row.origin),
      ),
      el(
        "p",
        { class: "flow-more" },
        reached(row),
        most(row),
        row.far >= 0
          ? [
              ` · ${TEXT.furthest}: `,
              there(row.far),
              ` ${words.distance(flows.km[row.far], flows.low[row.far], flows.high[row.far])}`,
            ]
          : null,
      ),
    );
  const reaches = (/** @type {Row} */ row) => row.places.size + row.mentioned.size > 0;
  const reaching = sorted.filter(reaches);
  const totals = sorted.filter((row) => !reaches(row));
  /** @param {string} title @param {Row[]} list */
  const folded = (title, list) =>
    list.length
      ? el(
          "details",
          null,
          el("summary", null, title),
          el("ol", { class: "flows" }, list.map(item)),
        )
      : null;
  return [
    el("h2", { id: "linemap-chosen", tabindex: -1 }, TEXT.reach),
    rows.size === 0 ? el("p", null, flows.n ? TEXT.nothingPassesAtAll : TEXT.nothingToDraw) : null,
    el("ol", { class: "flows" }, reaching.slice(0, 12).map(item)),
    folded(TEXT.moreOrigins(reaching.length - 12), reaching.slice(12)),
    folded(TEXT.originsWithout(totals.length), totals),
  ];
}

/** What is chosen, of one map. @param {App} app @returns {Children[]} */
function chosenOf(app) {
  const { chosen } = app;
  if (chosen.pair) return pinned(app, chosen.pair);
  if (chosen.place) return place(app, chosen.place);
  if (chosen.elsewhere) return elsewhere(app, chosen.elsewhere);
  return app.model.statements ? statementsOverview(app) : recordsOverview(app);
}

/** @param {App} app @returns {Children[]} */
export function panel(app) {
  if (app.model.panes.length > 1 && !app.model.statements) {
    return app.reading.panes.map(({ code, title }) =>
      app.reading.within(code, () => [el("p", { class: "pane-name" }, said(title)), chosenOf(app)]),
    );
  }
  return chosenOf(app);
}

/** What the pointer is over, in a few words: a line. @param {App} app @param {number} s @returns {Children[]} */
export function lineTip(app, s) {
  const { model, reading } = app;
  const { flows, strands, pairs } = reading;
  const pair = strands.pair[s];
  const i = strands.first[s];
  const b = pairs.destination[pair];
  const ends = el(
    "p",
    { class: "tip-ends" },
    said(words.name(model.nodes.name[pairs.origin[pair]])),
    ` ${TEXT.to} `,
    said(words.name(model.nodes.name[b])),
  );
  if (model.statements || strands.figures[s] <= 1) {
    return [
      ends,
      el("p", null, figure(app, i), rate(app, i)),
      reading.together
        ? awayText(app, b)
        : el("p", { class: "quiet" }, words.distance(flows.km[i], flows.low[i], flows.high[i])),
      el("p", { class: "quiet" }, said(words.period(flows.start.at(i), flows.end.at(i)))),
      flows.note.at(i) ? el("p", { class: "quiet" }, said(flows.note.at(i))) : null,
      flows.source.at(i) ? el("p", { class: "quiet" }, said(flows.source.at(i))) : null,
    ];
  }
  const rows = reading.passing.filter(
    (k) => pairs.of[k] === pair && flows.measure.codes[k] === strands.measure[s],
  );
  const change = reading.change;
  return [
    ends,
    el(
      "p",
      null,
      el("strong", null, words.about(sumOf(model, flows, rows))),
      " ",
      said(words.name(flows.measure.at(i))),
    ),
    change && !Number.isNaN(change.change[s])
      ? [
          el("p", null, TEXT.changed(change.before[s], change.now[s])),
          change.unsure[s] ? el("p", { class: "quiet" }, TEXT.unsure) : null,
        ]
      : null,
    el("p", { class: "quiet" }, TEXT.sumShort(rows.length)),
    onlyIn(app, rows),
    reading.together ? awayText(app, b) : far(app, rows),
  ];
}

/**
 * Where others are shown in more periods than rows: in which these are. A sum of one period looks
 * like that of all.
 * @param {App} app @param {number[]} rows @param {{ flows: Flows, passing: number[] }} view of which
 * they are @returns {HTMLElement | null}
 */
function onlyIn(app, rows, { flows, passing } = app.reading) {
  if (app.model.statements) return null;
  const spans = onlyPeriods(flows, rows, passing);
  if (!spans.length) return null;
  return el("p", { class: "quiet" }, TEXT.onlyIn(spans.map((span) => words.period(...span))));
}

/** A place, of a map. @param {App} app @param {number} node @param {number} pane 0 for all @returns {Children[]} */
export function placeTip(app, node, pane) {
  const { model, reading } = app;
  const { flows, pairs } = reading;
  const { nodes } = model;
  const out = [];
  for (const [text, side] of /** @type {const} */ ([
    [TEXT.fromHere, pairs.origin],
    [TEXT.toHere, pairs.destination],
  ])) {
    const rows = reading.passing.filter(
      (i) => side[pairs.of[i]] === node && (!pane || flows.pane.codes[i] === pane),
    );
    if (!rows.length) continue;
    const mine = rows.filter((i) => flows.measure.codes[i] === reading.main);
    out.push(
      model.statements
        ? el("p", null, text(words.plural(rows.length, "statement")))
        : el(
            "p",
            null,
            text(
              `${words.about(sumOf(model, flows, mine))} ${words.name(flows.measure.texts[reading.main])}`,
            ),
          ),
      mine.length ? onlyIn(app, mine) : null,
    );
  }
  return [
    el("p", { class: "tip-ends" }, said(words.name(nodes.name[node]))),
    node === model.hub ? null : el("p", { class: "quiet" }, words.level(nodes.level[node])),
    ...out,
  ];
}
