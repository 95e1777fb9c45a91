/** The filters: a switch for every origin, measure, kind, band, level and tag; a minimum; a level. */

/** @import { App } from "./app.js" */
/** @import { Facet } from "../core/types.ts" */

import { levelsOf } from "../core/reading.js";
import { button, el, said, swatch, unseen } from "./dom.js";
import { TEXT, level as levelName, number } from "../core/words.js";

/** @param {App} app @param {Facet} one */
function facet(app, one) {
  if (one.present.length < 2) return null;
  const boxes = one.present.map((code) => {
    const box = el("input", {
      type: "checkbox",
      id: `linemap-filter-${one.key}-${code}`,
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
  const all = (/** @type {boolean} */ on) =>
    el(
      "button",
      {
        type: "button",
        class: "plain",
        id: `linemap-filter-${one.key}-${on}`,
        on: {
          click: () => {
            one.off = new Set(on ? [] : one.present);
            for (const { box } of boxes) box.checked = on;
            app.switched();
          },
        },
      },
      on ? TEXT.all : TEXT.none,
      unseen(` ${TEXT.of} ${one.title}`),
    );
  const dot = (/** @type {number} */ code) => {
    const colour = app.look.kindColour(one.key, code);
    return colour ? swatch(colour) : null;
  };
  return el(
    "fieldset",
    { class: "facet" },
    el("legend", null, said(one.title)),
    one.present.length > 3 ? el("p", { class: "facet-all" }, all(true), all(false)) : null,
    el(
      "ul",
      { class: one.present.length > 9 ? "many" : null },
      boxes.map(({ code, box }) =>
        el(
          "li",
          null,
          el(
            "label",
            null,
            box,
            dot(code),
            el("span", { class: "facet-name" }, said(one.labels[code])),
            el("span", { class: "facet-n" }, number(one.n[code])),
          ),
        ),
      ),
    ),
  );
}

/** @param {App} app @param {"min" | "most"} key @param {string} title @param {string | null} note */
function amount(app, key, title, note) {
  const id = `linemap-${key}`;
  const input = el("input", {
    type: "number",
    id,
    min: 0,
    step: 1,
    inputmode: "numeric",
    on: {
      input: () => {
        app.chosen[key] = Math.max(0, Math.floor(Number(input.value) || 0));
        app.changed();
      },
    },
  });
  input.value = app.chosen[key] ? String(app.chosen[key]) : "";
  return el(
    "div",
    { class: "facet" },
    el("label", { for: id, class: "facet-title" }, title),
    input,
    note ? el("p", { class: "quiet" }, note) : null,
  );
}

/** @param {string} id @param {string} title @param {[string, string][]} options @param {string} value @param {(value: string) => void} act */
export function select(id, title, options, value, act) {
  const box = el(
    "select",
    { id, on: { change: () => act(box.value) } },
    options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)),
  );
  return [el("label", { for: id, class: "facet-title" }, title), box];
}

/** @param {App} app */
function colour(app) {
  const kinds = /** @type {const} */ (["one", "origin", "distance", "measure"]);
  return el(
    "div",
    { class: "facet pair" },
    select(
      "linemap-colour",
      TEXT.colourBy,
      kinds.map((key) => [key, TEXT.colours[key]]),
      app.chosen.colour,
      (value) => {
        app.chosen.colour = kinds.find((one) => one === value) || "one";
        app.recoloured();
      },
    ),
  );
}

/** @param {App} app */
function level(app) {
  const levels = levelsOf(app.model);
  if (!levels.length) return null;
  /** @type {[string, string][]} */
  const options = [
    ["", TEXT.asPublished],
    ["auto", TEXT.byZoom],
    ...levels.map((key) => /** @type {[string, string]} */ ([key, levelName(key)])),
  ];
  return el(
    "div",
    { class: "facet pair" },
    select("linemap-level", TEXT.destinationsBy, options, app.chosen.level, (value) =>
      app.levelChosen(value),
    ),
    app.reading.level ? el("p", { class: "quiet wide" }, TEXT.sumsOfPublished) : null,
  );
}

/** @param {App} app */
function undated(app) {
  const { periods } = app.reading;
  if (!periods) return null;
  const without = [...periods.first].filter(Number.isNaN).length;
  if (!without) return null;
  const box = el("input", {
    type: "checkbox",
    id: "linemap-undated",
    on: {
      change: () => {
        app.chosen.undated = box.checked;
        app.changed();
      },
    },
  });
  box.checked = app.chosen.undated;
  return el("p", { class: "facet" }, el("label", null, box, TEXT.withUndated(without)));
}

/** @param {App} app */
export function filters(app) {
  const { kinds, strands } = app.reading;
  return [
    colour(app),
    level(app),
    undated(app),
    ...app.reading.facets.map((one) => facet(app, one)),
    amount(app, "min", TEXT.atLeast, kinds[1] + kinds[2] > 0 ? TEXT.minimumLeavesOut : null),
    strands.n > 60 || app.chosen.most ? amount(app, "most", TEXT.largest, TEXT.largestOnly) : null,
    el(
      "p",
      null,
      button(TEXT.everything, () => app.reset(), { class: "button" }),
    ),
  ];
}
