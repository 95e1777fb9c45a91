/** Sums of published figures of records, with what their rounding leaves open. */

/** @import { Flows, Model, Sum } from "./types.ts" */

/** @returns {Sum} */
export const nothing = () => ({ n: 0, low: 0, high: 0, figures: 0 });

/**
 * Add one row to a sum. The cells of records are a partition, so rows of one measure may be added.
 * @param {Model} model
 * @param {Flows} flows
 * @param {Sum} sum
 * @param {number} i
 */
export function add(model, flows, sum, i) {
  const n = flows.count[i];
  if (Number.isNaN(n)) return;
  const { rule } = model;
  const figures = flows.figures[i];
  sum.n += n;
  sum.figures += figures;
  if (!rule) {
    sum.low += n;
    sum.high += n;
    return;
  }
  sum.low += Math.max(figures * rule.threshold, n - figures * Math.floor(rule.base / 2));
  sum.high += n + figures * Math.floor((rule.base - 1) / 2);
}

/**
 * The sum of rows of one measure.
 * @param {Model} model
 * @param {Flows} flows
 * @param {Iterable<number>} rows
 */
export function sumOf(model, flows, rows) {
  const sum = nothing();
  for (const i of rows) add(model, flows, sum, i);
  return sum;
}
