/** What is chosen, in the page's address: by identifiers and names, never by numbers of rows. */

/** @import { Chosen, Facet, Model, Periods } from "./types.ts" */

import { monthNumber, monthText } from "./filter.js";
import { wholeOf } from "./ground.js";
import { TEXT } from "./words.js";

/** @param {Model} model @param {number} node */
const spelled = (model, node) => model.nodes.id[node] || `name:${model.nodes.name[node] || ""}`;

/** @param {Model} model @param {string | null} text */
function found(model, text) {
  if (!text) return 0;
  for (let node = 1; node < model.nodes.n; node++) {
    if (node === model.hub || spelled(model, node) !== text) continue;
    return model.nodes.same[wholeOf(model.nodes, node)];
  }
  return 0;
}

/**
 * What differs from the beginning.
 * @param {Model} model
 * @param {Chosen} chosen
 * @param {Chosen} start
 * @param {Facet[]} facets
 * @param {Periods} time
 */
export function write(model, chosen, start, facets, time) {
  const parts = new URLSearchParams();
  for (const key of /** @type {const} */ (["view", "picture", "colour", "level", "theme"])) {
    if (chosen[key] !== start[key]) parts.set(key, chosen[key] || "published");
  }
  if (chosen.place) parts.set("place", spelled(model, chosen.place));
  if (chosen.elsewhere && chosen.elsewhere !== TEXT.linkedPlace)
    parts.set("town", chosen.elsewhere);
  if (chosen.pair) {
    const [a, b] = chosen.pair;
    if (a !== model.hub) parts.set("from.place", spelled(model, a));
    parts.set("to.place", spelled(model, b));
  }
  if (chosen.min) parts.set("min", String(chosen.min));
  if (chosen.most !== start.most) parts.set("most", String(chosen.most));
  if (time) {
    if (chosen.from > time.low) parts.set("from", monthText(chosen.from));
    if (chosen.to < time.high) parts.set("to", monthText(chosen.to));
    if (!chosen.undated) parts.set("undated", "no");
    if (chosen.change) parts.set("change", "yes");
  }
  for (const one of facets) {
    for (const code of [...one.off].sort((a, b) => a - b)) {
      parts.append(`hide.${one.key}`, one.names[code]);
    }
  }
  if (chosen.at) parts.set("at", chosen.at);
  return parts.toString();
}

/** @param {string | null} text @param {number} otherwise */
function whole(text, otherwise) {
  return /^\d{1,9}$/.test(text || "") ? Number(text) : otherwise;
}

/**
 * The first half: what decides which flows there are.
 * @param {Model} model
 * @param {string} text
 * @param {Chosen} start
 * @param {string[]} levels
 * @returns {Chosen}
 */
export function read(model, text, start, levels) {
  const parts = new URLSearchParams(text.replace(/^#/, ""));
  /**
   * @template {string} T
   * @param {string} key
   * @param {readonly T[]} allowed
   * @param {T} otherwise
   * @returns {T}
   */
  const among = (key, allowed, otherwise) =>
    allowed.find((one) => one === parts.get(key)) ?? otherwise;
  const level = parts.get("level");
  const to = found(model, parts.get("to.place"));
  const from = found(model, parts.get("from.place")) || (parts.has("from.place") ? 0 : model.hub);
  const town = parts.get("town") || "";
  const isTown = (/** @type {{ name: string }} */ one) => one.name === town;
  const place = found(model, parts.get("place"));
  const lost = parts.has("place") && !place; // a place of another map, or of rows that have gone
  return {
    ...start,
    view: among("view", ["map", "origins", "table"], start.view),
    picture: among("picture", ["to", "pairs"], start.picture),
    colour: among("colour", ["one", "origin", "distance", "measure"], start.colour),
    theme: among("theme", ["auto", "light", "dark", "contrast"], start.theme),
    level: level === "published" ? "" : level && levels.includes(level) ? level : start.level,
    place,
    elsewhere: lost ? TEXT.linkedPlace : model.base.towns.some(isTown) ? town : "",
    pair: to && from ? [from, to] : null,
    min: whole(parts.get("min"), 0),
    most: whole(parts.get("most"), start.most),
    undated: parts.get("undated") !== "no",
    change: parts.get("change") === "yes",
    at: /^-?[\d.]+_-?[\d.]+_[\d.]+$/.test(parts.get("at") || "") ? parts.get("at") || "" : "",
  };
}

/**
 * The second half: what is chosen of the flows that there are.
 * @param {string} text
 * @param {Chosen} chosen
 * @param {Facet[]} facets
 * @param {Periods} time
 */
export function readFilters(text, chosen, facets, time) {
  const parts = new URLSearchParams(text.replace(/^#/, ""));
  if (time) {
    const inside = (/** @type {number} */ value, /** @type {number} */ otherwise) =>
      value >= time.low && value <= time.high ? value : otherwise;
    chosen.from = inside(monthNumber(parts.get("from")), time.low);
    chosen.to = Math.max(chosen.from, inside(monthNumber(parts.get("to")), time.high));
  }
  for (const one of facets) {
    const hidden = new Set(parts.getAll(`hide.${one.key}`));
    one.off = new Set(one.present.filter((code) => hidden.has(one.names[code])));
  }
}
