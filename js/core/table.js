/** The table of flows: its columns, its order, and the CSV of what is published. */

/** @import { Column, Flows, Model } from "./types.ts" */

import { TEXT } from "./words.js";

/** @param {number} value */
const tenth = (value) => (Number.isNaN(value) ? "" : value.toFixed(1));

/**
 * @typedef {{ key: string, title: string, said: (i: number) => string | null, sorted: (i: number) => string | number, number?: boolean }} TableColumn
 *   key, heading, what a row says, what it sorts by, whether it is a number
 */

/**
 * @param {Model} model
 * @param {Flows} flows
 * @returns {TableColumn[]}
 */
export function columns(model, flows) {
  const { nodes } = model;
  const { columns: titles } = TEXT;
  /** @param {string} key @param {string} title @param {(i: number) => string | null} column @returns {TableColumn} */
  const text = (key, title, column) => ({
    key,
    title,
    said: column,
    sorted: (i) => column(i) || "",
  });
  /** @param {Uint32Array} side */
  const name = (side) => (/** @type {number} */ i) => nodes.name[side[i]];
  /** @param {string} key @param {string} title @param {Float64Array} values @param {(value: number) => string} say @returns {TableColumn} */
  const numeric = (key, title, values, say) => ({
    key,
    title,
    said: (i) => say(values[i]),
    sorted: (i) => values[i],
    number: true,
  });
  const all = [
    text("origin_name", titles.origin_name, name(flows.origin)),
    text("destination_name", titles.destination_name, name(flows.destination)),
    numeric("count", titles.count, flows.count, (value) =>
      Number.isNaN(value) ? "" : String(value),
    ),
    numeric("distance_km", titles.distance_km, flows.km, tenth),
    text("measure", titles.measure, (i) => flows.measure.at(i)),
    text("qualifier", titles.qualifier, (i) => flows.qualifier.at(i)),
    text("period_start", titles.period_start, (i) => flows.start.at(i)),
    text("period_end", titles.period_end, (i) => flows.end.at(i)),
    numeric("distance_low_km", titles.distance_low_km, flows.low, tenth),
    numeric("distance_high_km", titles.distance_high_km, flows.high, tenth),
    text("origin_level", titles.origin_level, (i) => nodes.level[flows.origin[i]]),
    text("destination_level", titles.destination_level, (i) => nodes.level[flows.destination[i]]),
    text("external", titles.external, (i) => flows.external.at(i)),
    ...flows.tags.map((tag) => text(tag.name, tag.name, (i) => tag.at(i))),
    text("source", titles.source, (i) => flows.source.at(i)),
    text("published", titles.published, (i) => flows.published.at(i)),
    text("url", titles.url, (i) => flows.url.at(i)),
    text("note", titles.note, (i) => flows.note.at(i)),
    text("flow_id", titles.flow_id, (i) => flows.id(i)),
  ];
  if (model.panes.length > 1) {
    all.unshift(text("map", TEXT.views.map, (i) => model.panes[Number(flows.pane.at(i))]));
  }
  return all.filter((column) => {
    for (let i = 0; i < flows.n; i++) if (column.said(i)) return true;
    return false;
  });
}

/**
 * @param {number[]} rows
 * @param {TableColumn | null} column
 * @param {boolean} down
 */
export function ordered(rows, column, down) {
  if (!column) return [...rows];
  const empty = (/** @type {string | number} */ value) =>
    value === "" || (typeof value === "number" && Number.isNaN(value));
  const sign = down ? -1 : 1;
  const keys = new Map(rows.map((i) => [i, column.sorted(i)]));
  return [...rows].sort((a, b) => {
    const x = keys.get(a) ?? "";
    const y = keys.get(b) ?? "";
    if (empty(x) || empty(y)) return Number(empty(x)) - Number(empty(y)) || a - b;
    return sign * (x < y ? -1 : x > y ? 1 : 0) || a - b;
  });
}

/**
 * A cell that a spreadsheet would run as a formula gets an apostrophe in front.
 * @param {string | null} text
 */
function cell(text) {
  const value = text ?? "";
  const safe = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/**
 * @param {Model} model
 * @param {Flows} flows
 * @param {number[] | null} rows null for all
 */
export function csvText(model, flows, rows) {
  const all = columns(model, flows);
  const lines = [all.map((column) => cell(column.key)).join(",")];
  for (const i of rows || Array.from({ length: flows.n }, (_, k) => k)) {
    lines.push(all.map((column) => cell(column.said(i))).join(","));
  }
  return `\ufeff${lines.join("\r\n")}\r\n`;
}
