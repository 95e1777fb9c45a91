/* The pure half of the page on two small releases: published statements, and records with rests. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as address from "../core/address.js";
import { answer, awayFrom, fineness, howFar, onlyPeriods, together } from "../core/answers.js";
import { layout } from "../core/curves.js";
import { differences, integers, nullable, read } from "../core/decode.js";
import { relation, wholeOf } from "../core/ground.js";
import { headlines } from "../core/headlines.js";
import { placer, MIDDLE, SIDES } from "../core/labels.js";
import { pairsOf } from "../core/pairs.js";
import { Reading, beginning, legendSteps } from "../core/reading.js";
import { rolledUp } from "../core/rollup.js";
import { sumOf } from "../core/sums.js";
import { csvText, columns, ordered } from "../core/table.js";
import * as words from "../core/words.js";

const payload = (name) =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
const model = (name) => read(payload(name));
const open = (name, chosen = {}) => {
  const one = model(name);
  const reading = new Reading(one, { ...beginning(one), ...chosen });
  return { model: one, reading };
};
const nodeOf = ({ nodes }, name, level) =>
  nodes.name.findIndex((one, i) => one === name && (!level || nodes.level[i] === level));

test("numbers are read as they were packed", () => {
  assert.deepEqual([...integers("AawC")], [1, 300]);
  assert.deepEqual([...differences("AgEC")], [1, 0, 1]);
  assert.deepEqual([...nullable("AAHsAg==")].map(String), ["NaN", "0", "363"]);
});

for (const name of ["statements", "records"]) {
  test(`${name}: the key numbers are those of the release`, () => {
    const { reading } = open(name);
    assert.deepEqual(reading.headlines(), payload(name).headlines);
  });
}

test("all origins together: a view of its own, shown first and never added to the other", () => {
  const { model: m, reading } = open("views", { picture: "to", level: "" });
  assert.deepEqual(reading.headlines(), payload("views").headlines);
  assert.equal(reading.flows, m.whereTo);
  const { strands, pairs } = reading;
  const lines = Array.from({ length: strands.n }, (_, s) => [
    m.nodes.name[pairs.destination[strands.pair[s]]],
    strands.count[s],
    strands.figures[s],
  ]);
  assert.deepEqual(lines.slice(0, 2), [
    ["Norfolk", 125, 1],
    ["Norwich", 70, 1],
  ]);
  const norfolk = nodeOf(m, "Norfolk", "county");
  const [all] = together(m, reading.view(true), norfolk);
  assert.equal(all.sum.n, 195);
  Object.assign(reading.chosen, { place: norfolk });
  reading.filter();
  assert.equal(reading.flows, m.flows);
  const found = answer(m, reading.flows, reading.passing, norfolk);
  assert.equal(found.parts[0].sum.n, 200);
});

test("places that lie on one another are shown by police force area at first", () => {
  const { model: m, reading } = open("views");
  assert.equal(reading.picture, "to");
  assert.equal(reading.level, "force");
  const { strands, pairs } = reading;
  const lines = Array.from({ length: strands.n }, (_, s) => [
    m.nodes.name[pairs.destination[strands.pair[s]]],
    strands.count[s],
    strands.figures[s],
  ]);
  assert.deepEqual(lines[0], ["Norfolk", 195, 2]);
  /* a town is told as published, and so is the table */
  const norwich = nodeOf(m, "Norwich");
  Object.assign(reading.chosen, { place: norwich });
  reading.filter();
  assert.equal(reading.flows, m.flows);
  Object.assign(reading.chosen, { place: 0, view: "table" });
  reading.filter();
  assert.equal(reading.flows, m.whereTo);
});

test("what is left of a place is not the place", () => {
  const { model: m } = open("records");
  const rest = m.nodes.rest.findIndex((one, i) => one && m.nodes.name[i] === "rest of Norfolk");
  assert.ok(rest > 0);
  const whole = nodeOf(m, "Norfolk", "county");
  assert.equal(m.nodes.same[rest], m.nodes.same[whole]); // which is an end of its own here
  const alone = payload("records");
  alone.nodes.ends = 0; // as if no flow ended at any whole place
  const { nodes } = read(alone);
  assert.equal(nodes.same[rest], rest);
  /* its ground is the whole's, so that is what a reader who chooses it is told of, by name */
  assert.equal(nodes.name[wholeOf(nodes, rest)], "Norfolk");
  assert.equal(nodes.rest[wholeOf(nodes, rest)], 0);
  const linked = address.read(read(alone), `place=${nodes.id[rest]}`, beginning(m), []);
  assert.equal(nodes.name[linked.place], "Norfolk");
});

test("what the publisher hid is not called named", () => {
  assert.equal(words.kinds(["named only", null])[1], "named, not counted");
  assert.ok(!words.kinds(["hidden by the publisher ([c])"])[1].includes("named"));
  assert.ok(words.kinds(["named only", "published as a range, 0 to 4 (<5)"])[1].includes("hidden"));
});

test("a hidden origin leaves the view of all origins, and back", () => {
  const { model: m, reading } = open("views", { picture: "to", level: "" });
  const origin = reading.facets.find((one) => one.key === "origin");
  origin.off = new Set([origin.present[0]]);
  reading.filter();
  assert.equal(reading.flows, m.flows);
  assert.ok(reading.passing.length < m.flows.n);
  reading.facets.find((one) => one.key === "origin").off = new Set();
  reading.filter();
  assert.equal(reading.flows, m.whereTo);
});

test("key numbers follow the filters", () => {
  const { reading } = open("records");
  const origin = reading.facets.find((one) => one.key === "origin");
  const islington = origin.labels.indexOf("Islington");
  origin.off = new Set(origin.present.filter((code) => code !== islington));
  reading.filter();
  const [total, found, came] = reading.headlines();
  assert.equal(total.value, "about 185");
  assert.equal(found.label, "Norfolk police force area");
  assert.equal(came.label, "Islington");
});

test("a place answers for its ground, records added with what rounding leaves open", () => {
  const { model: m, reading } = open("records");
  const found = answer(m, reading.flows, reading.passing, nodeOf(m, "Norfolk", "county"));
  const [part] = found.parts;
  assert.equal(found.parts.length, 1);
  assert.equal(part.direction, "to");
  /* 120 at the county, 40 and 25 in Norwich, 15 in the rest of the police force area */
  assert.deepEqual(part.sum, { n: 200, low: 192, high: 208, figures: 4 });
  assert.deepEqual(
    part.others.map((one) => [m.nodes.name[one.node], one.sum.n]),
    [
      ["Islington", 185],
      ["Hackney", 15],
    ],
  );
  const relations = found.groups.map((one) => [m.nodes.name[one.node], one.relation]);
  assert.deepEqual(relations.sort(), [
    ["Norfolk", "same"],
    ["Norwich", "inside"],
    ["rest of Norfolk", "same"],
  ]);
  assert.deepEqual(
    part.around.map((one) => one.sum.n),
    [45],
  );
  assert.equal(part.pooled.n, 10);
  assert.equal(part.unknown.n, 20);
  assert.equal(words.about(part.sum), "about 200 (192 to 208)");
});

test("statements of a ground stand under their own headings and are never added", () => {
  const { model: m, reading } = open("statements");
  const found = answer(m, reading.flows, reading.passing, nodeOf(m, "Norfolk", "county"));
  assert.deepEqual(found.parts, []);
  const headings = found.groups.map(
    (one) =>
      `${m.nodes.name[one.node]} ${m.nodes.level[one.node]} ${reading.flows.measure.texts[one.measure]}`,
  );
  assert.equal(new Set(headings).size, headings.length);
  for (const wanted of [
    "Norfolk county instances",
    "Norfolk force individuals linked",
    "Norfolk force arrests",
    "Norwich settlement individuals linked",
    "King's Lynn settlement named",
  ]) {
    assert.ok(headings.includes(wanted), wanted);
  }
  const rows = found.groups.flatMap((one) => one.rows);
  assert.equal(new Set(rows).size, rows.length);
});

test("ground: the same, inside, around, neither", () => {
  const { nodes } = model("statements");
  const at = (name, level) => nodeOf({ nodes }, name, level);
  assert.equal(relation(nodes, at("Norfolk", "county"), at("Norfolk", "force")), "same");
  assert.equal(relation(nodes, at("Norfolk", "force"), at("Norwich")), "inside");
  assert.equal(relation(nodes, at("Norwich"), at("Norfolk", "county")), "around");
  assert.equal(relation(nodes, at("Essex", "force"), at("Essex", "county")), "inside");
  assert.equal(relation(nodes, at("Kent"), at("Essex", "county")), "");
});

test("records have one line a pair, and what is left of a place belongs to it", () => {
  const { model: m, reading } = open("records", { picture: "pairs" });
  const { strands, pairs } = reading;
  const lines = Array.from({ length: strands.n }, (_, s) => [
    m.nodes.name[pairs.origin[strands.pair[s]]],
    m.nodes.name[pairs.destination[strands.pair[s]]],
    strands.count[s],
  ]);
  assert.deepEqual(lines, [
    ["Islington", "Norfolk", 120],
    ["Islington", "Norwich", 65],
    ["Hackney", "Kent", 30],
    ["Hackney", "Norfolk", 15],
  ]);
  assert.deepEqual(
    [...reading.shaded].map(([node, sum]) => [m.nodes.level[node], sum.n]),
    [["region", 45]],
  );
});

test("where to: one line a destination, summed over all origins", () => {
  const { model: m, reading } = open("records", { picture: "to" });
  const { strands, pairs } = reading;
  assert.ok([...pairs.origin].every((node) => node === m.hub));
  assert.equal(m.nodes.name[m.hub], "All 3 origins");
  const counts = Array.from({ length: strands.n }, (_, s) => [
    m.nodes.name[pairs.destination[strands.pair[s]]],
    strands.count[s],
  ]);
  assert.deepEqual(counts, [
    ["Norfolk", 135],
    ["Norwich", 65],
    ["Kent", 30],
  ]);
});

test("statements have a line each, beside those of the same pair", () => {
  const { reading } = open("statements");
  const { strands, offset } = reading;
  assert.equal(strands.n, 56);
  const widest = [...strands.pair].filter((pair) => pair === strands.pair[0]);
  const beside = [...offset].filter((_, s) => strands.pair[s] === strands.pair[0]);
  assert.equal(beside.length, widest.length);
  assert.equal(new Set(beside).size, widest.length);
  assert.ok(Math.abs(beside[0]) > 0);
});

test("a change is told only where both periods show something", () => {
  const { reading } = open("records", { picture: "pairs" });
  Object.assign(reading.chosen, { change: true, from: 2023 * 12 + 3, to: 2023 * 12 + 5 });
  reading.filter();
  const { strands, change } = reading;
  const told = [...change.change].map((value, s) => [strands.count[s], value]);
  assert.deepEqual(
    told.filter(([, value]) => !Number.isNaN(value)),
    [[65, -15]],
  );
  assert.equal(reading.front.length, 1);
  const [line] = reading.front;
  assert.equal(change.unsure[line], 0); // 38 to 42 before, 23 to 27 now
  assert.equal(reading.model.rule.base, 5);
  reading.model.rule.base = 20; // 31 to 49 before, 16 to 34 now
  reading.filter();
  assert.equal(reading.change.unsure[line], 1);
});

test("a place that only the view of all origins shows has its line there", () => {
  const { reading, model: m } = open("views");
  const kings = m.nodes.id.indexOf("settlement:2636432");
  assert.notEqual(kings, -1);
  reading.chosen.place = kings;
  reading.filter();
  assert.equal(reading.picture, "to");
  const ends = reading.front.map((s) => reading.pairs.destination[reading.strands.pair[s]]);
  assert.deepEqual(ends, [kings]);
  reading.chosen.place = m.nodes.id.indexOf("borough:islington");
  reading.filter();
  assert.equal(reading.picture, "pairs");
});

test("a chosen origin shades the regions that its own records were rolled up to", () => {
  const { reading, model: m } = open("records");
  const region = m.nodes.id.indexOf("region:east-of-england");
  const shade = (id) => {
    reading.chosen.place = m.nodes.id.indexOf(id);
    reading.filter();
    return [...reading.shaded].map(([node, sum]) => [node, sum.n]);
  };
  assert.deepEqual(shade("borough:camden"), [[region, 45]]);
  assert.match(reading.status(), /Nothing finer than a region is shown here/);
  assert.deepEqual(shade("borough:islington"), []);
});

test("a period means the same in each view, and none is empty for want of the other's months", () => {
  const m = model("views");
  const one = m.flows.start.codes.findIndex((code) => m.flows.start.texts[code] === "2023-01");
  const alone = { ...m.flows, n: 1 };
  assert.notEqual(one, -1);
  const reading = new Reading({ ...m, flows: alone }, beginning({ ...m, flows: alone }));
  const { passing } = reading.view(true, "");
  assert.equal(passing.length, m.whereTo.n);
  assert.match(reading.headlines()[0].value, /about 290/);
});

test("how far a place is from the origins that are shown, where rows do not tell", () => {
  const m = model("views");
  const norfolk = m.nodes.id.indexOf("county:norfolk");
  const { from, to } = awayFrom(m, m.whereTo, [], norfolk);
  assert.ok(from > 130 && from < to && to < 180, `${from} to ${to}`);
  assert.equal(awayFrom(m, m.whereTo, [], 0), null);
  const sends = m.flows;
  const rows = [...sends.destination.keys()].filter((i) => sends.destination[i] === norfolk);
  assert.equal(awayFrom(m, sends, rows, norfolk).from, sends.km[rows[0]]);
});

test("a period keeps what overlaps it, and says how many reach beyond", () => {
  const { reading } = open("records");
  Object.assign(reading.chosen, { from: 2023 * 12 + 1, to: 2023 * 12 + 1 });
  reading.filter();
  assert.equal(reading.passing.length, 4);
  assert.equal(reading.partly, 4);
  assert.match(reading.status(), /4 of them also cover months outside the chosen period/);
});

test("rolling up keeps the sums, and what lies above a level stays what it is", () => {
  const m = model("records");
  for (const level of ["county", "force", "region", "nation"]) {
    const rolled = rolledUp(m, m.flows, level);
    const sum = (values) => values.reduce((a, b) => a + b, 0);
    assert.equal(sum(rolled.count), sum(m.flows.count));
    assert.equal(sum(rolled.figures), m.flows.n);
  }
  const county = rolledUp(m, m.flows, "county");
  const names = [...county.destination].map((node) => m.nodes.name[node]);
  assert.ok(names.includes("East of England") || names.some((name) => /rest of East/.test(name)));
  assert.ok(names.includes("not stated or not found"));
});

test("how finely records are shown, in parts that add up", () => {
  const { model: m, reading } = open("records");
  const parts = fineness(m, reading.flows, reading.passing);
  assert.deepEqual(
    parts.map((one) => [one.level, one.sum.n]),
    [
      ["settlement", 65],
      ["county", 150],
      ["force", 15],
      ["region", 45],
      ["pooled", 10],
      ["none", 20],
    ],
  );
});

test("how far: the least and the most, null where nothing is known", () => {
  const { reading } = open("records");
  const km = howFar(reading.flows, reading.passing);
  assert.ok(km.from > 50 && km.to < 200 && km.low <= km.from && km.high >= km.to);
  assert.equal(howFar(reading.flows, []), null);
});

test("a sum's range holds each figure's own", () => {
  const { model: m, reading } = open("records");
  const one = sumOf(m, reading.flows, [0]);
  assert.deepEqual(one, { n: 120, low: 118, high: 122, figures: 1 });
  assert.equal(words.about(one), "120");
});

test("links hold identifiers, and lead back to the same choice when rows have gone", () => {
  const { model: m, reading } = open("records");
  const start = beginning(m);
  reading.chosen.place = nodeOf(m, "Norfolk", "county");
  reading.chosen.min = 20;
  reading.facets[0].off = new Set([nodeOf(m, "Camden")]);
  const text = address.write(m, reading.chosen, start, reading.facets, reading.periods);
  assert.match(decodeURIComponent(text), /place=county:norfolk/);
  assert.match(decodeURIComponent(text), /hide.origin=borough:camden/);
  const other = model("statements");
  const found = address.read(other, text, beginning(other), []);
  assert.equal(other.nodes.name[found.place], "Norfolk");
  const again = address.read(m, text, start, ["county"]);
  assert.equal(again.place, reading.chosen.place);
  assert.equal(again.min, 20);
});

test("nothing strange in a link is taken", () => {
  const m = model("records");
  const start = beginning(m);
  for (const text of ["#view=evil&theme=__proto__&at=a_b_c", "#%FF%00&&&===", "#to.place=x"]) {
    const found = address.read(m, text, start, ["county"]);
    assert.deepEqual({ ...found, undated: true }, start);
  }
});

test("a link to a place that is not on this map says so, and repeats none of its text", () => {
  const m = model("records");
  const start = beginning(m);
  const found = address.read(m, "#place=county:cornwall<b>", start, []);
  assert.deepEqual(found, { ...start, elsewhere: words.TEXT.linkedPlace });
  assert.equal(address.write(m, found, start, [], null), "");
});

test("curves of opposite direction lie apart, and none is where nothing can be drawn", () => {
  const { model: m, reading } = open("records", { picture: "pairs" });
  const pairs = pairsOf(m, m.flows, "pairs");
  const widths = new Float64Array(pairs.n).fill(4);
  const order = Uint32Array.from(widths.keys());
  const curves = layout(m, pairs, 0.01, widths, order);
  for (let p = 0; p < pairs.n; p++) {
    const middle = Math.hypot(
      curves.cx[p] - (curves.ax[p] + curves.bx[p]) / 2,
      curves.cy[p] - (curves.ay[p] + curves.by[p]) / 2,
    );
    if (curves.kind[p] === 1) assert.ok(middle > 0);
    else assert.ok(curves.kind[p] === 0 || curves.kind[p] === 3);
  }
  m.nodes.outline.clear(); // the fixtures have no base map
  assert.ok(reading.extent().x1 > reading.extent().x0);
});

test("labels keep off each other, off what is taken, and inside the edge", () => {
  const put = placer({ x0: 0, y0: 0, x1: 200, y1: 100 });
  put.take({ x0: 0, y0: 0, x1: 90, y1: 100 });
  const a = put.place(60, 12, 130, 50, 4, SIDES);
  const b = put.place(60, 12, 130, 50, 4, SIDES);
  assert.ok(a.x >= 90 && b.x >= 90);
  assert.ok(Math.abs(a.y - b.y) >= 12 || Math.abs(a.x - b.x) >= 60);
  assert.equal(put.place(60, 12, 30, 50, 4, MIDDLE), null);
  assert.equal(put.place(300, 12, 100, 50, 4, SIDES), null);
});

test("legend steps are round and rising, the largest last", () => {
  assert.deepEqual(legendSteps(443, 1), [50, 100, 200, 443]);
  assert.deepEqual(legendSteps(45, 10), [10, 20, 45]);
  assert.deepEqual(legendSteps(3, 1), [1, 3]);
  assert.deepEqual(legendSteps(0, 0), []);
});

test("the CSV escapes what a spreadsheet would run, and the table sorts unknowns last", () => {
  const m = model("statements");
  m.nodes.name[1] = "=cmd()";
  const text = csvText(m, m.flows, [0, 1, 2]);
  assert.ok(!/(^|,)=/m.test(text));
  const count = columns(m, m.flows).find((one) => one.key === "count");
  const rows = ordered(
    Array.from({ length: m.flows.n }, (_, i) => i),
    count,
    true,
  );
  const values = rows.map((i) => m.flows.count[i]);
  const known = values.filter((value) => !Number.isNaN(value));
  assert.deepEqual(
    known,
    [...known].sort((a, b) => b - a),
  );
  assert.ok(values.slice(known.length).every(Number.isNaN));
});

test("months and distances in words", () => {
  assert.equal(words.period("2018-01", "2019-03"), "Jan 2018 to Mar 2019");
  assert.equal(words.period(null, null), "period not stated");
  assert.equal(words.distance(160.4, 95, 240), "about 160 km (range 95 to 240 km)");
  assert.equal(words.distance(NaN, NaN, NaN), "distance not known");
  assert.equal(words.signed(-15), "−15");
});

test("the key numbers speak of the view that is drawn", () => {
  const { model: m, reading } = open("views", { picture: "to", level: "" });
  const told = () => Object.fromEntries(reading.headlines().map((one) => [one.label, one]));
  const all = told();
  const reach = [...new Set(m.whereTo.destination)]
    .filter((node) => m.nodes.level[node] !== "region" && m.nodes.level[node] !== "nation")
    .map((node) => m.nodes.reach.high[m.nodes.same[node]])
    .filter((km) => !Number.isNaN(km));
  assert.ok(all.furthest.value.endsWith(`${words.number(Math.max(...reach))} km`));
  assert.match(all.furthest.note, /, from the origins that are shown$/);
  const wide = "shown only by region, nation or elsewhere";
  reading.chosen.picture = "pairs";
  reading.filter();
  const each = told();
  assert.match(each.furthest.note, / to /);
  assert.equal(each[wide].note, "of those shown, each origin on its own");
  assert.notEqual(each[wide].value, all[wide]?.value);
});

test("origins that tie for most are counted, none of them named", () => {
  const { model: m, reading } = open("records");
  const first = m.flows.origin.findIndex((node) => m.nodes.name[node] === "Islington");
  const second = m.flows.origin.findIndex((node) => m.nodes.name[node] === "Camden");
  m.flows.count[first] = m.flows.count[second] = 500;
  const found = headlines(m, ...Array(2).fill({ flows: m.flows, passing: [first, second] }));
  const came = found.find((one) => one.note === "where most came from");
  assert.deepEqual([came.value, came.label], ["500", "each of 2 London boroughs"]);
  assert.equal(reading.flows, m.flows);
});

test("the table begins with from, to, the count and the distance", () => {
  const m = model("records");
  const keys = columns(m, m.flows).map((one) => one.key);
  assert.deepEqual(keys.slice(0, 4), ["origin_name", "destination_name", "count", "distance_km"]);
  assert.equal(keys.at(-1), "flow_id");
  const titles = columns(m, m.flows).map((one) => one.title);
  assert.deepEqual(titles.slice(0, 3), ["From", "To", "Count"]);
});

test("a rounded figure is marked alone and in a sum, an exact one never", () => {
  assert.equal(words.amount(1210, { base: 5 }), "≈1,210");
  assert.equal(words.amount(210, null), "210");
});

test("a figure on a line says what it counts where lines count several things", () => {
  const { reading } = open("statements");
  const counted = reading.counted();
  const said = new Set(reading.front.map(counted));
  assert.ok(said.has(" arrests") && said.has(" individuals linked"), [...said].join());
  assert.equal(open("records").reading.counted()(0), "");
});

test("a sum of some periods says which, one of all does not", () => {
  const texts = [null, "2022-01", "2023-01"];
  const column = (codes) => ({ codes, texts, at: (i) => texts[codes[i]] });
  const flows = {
    measure: { codes: [1, 1, 1, 2] },
    start: column([1, 2, 1, 0]),
    end: column([1, 2, 1, 0]),
  };
  assert.deepEqual(onlyPeriods(flows, [0, 1], [0, 1, 2, 3]), []);
  assert.deepEqual(onlyPeriods(flows, [0, 2], [0, 1, 2, 3]), [["2022-01", "2022-01"]]);
  assert.deepEqual(onlyPeriods(flows, [3], [0, 1, 2, 3]), []); // the only one of its measure
  assert.equal(words.TEXT.onlyIn(["2022", "2023"]), "shown in 2022, and 2023 only");
});

test("what nothing is shown of is told of the view that is drawn, and of which periods a number is", () => {
  const one = payload("views");
  one.hidden = "January 2023";
  const m = read(one);
  const reading = new Reading(m, { ...beginning(m), picture: "to", level: "" });
  const total = () => reading.headlines()[0].note;
  assert.match(total(), /nothing is shown of January 2023/);
  assert.match(reading.headlines()[1].note, /; shown in Jan 2023 to Mar 2023 only$/);
  reading.chosen.picture = "pairs";
  reading.filter();
  assert.doesNotMatch(total(), /nothing is shown/);
  assert.equal(read({ ...one, hiddenApart: "May 2023" }).hiddenApart, "May 2023");
  const alone = read({ ...one, whereTo: undefined });
  assert.equal(alone.hiddenApart, "January 2023");
});
