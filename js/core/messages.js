/** What a page in a notebook's widget and the widget say to each other, and nothing else. */

const LONGEST = 8000; // letters of a state

/** From the page: that it answers now. */
export const READY = { linemap: 1, kind: "ready" };

/**
 * @typedef {{ linemap: 1, kind: "hello" | "go", state: string }} Ask from the widget: begin to tell, or show a state
 * @typedef {{ linemap: 1, kind: "state", state: string, place: string, view: string, flows: string[] }} Tell
 *   from the page: what is chosen, and the identifiers of the flows that it leaves
 */

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {unknown} value @returns {value is string} */
const isState = (value) => typeof value === "string" && value.length <= LONGEST;

/** @param {unknown} data @returns {Ask | null} */
export function ask(data) {
  if (!isRecord(data) || data.linemap !== 1 || !isState(data.state)) return null;
  const { kind, state } = data;
  return kind === "hello" || kind === "go" ? { linemap: 1, kind, state } : null;
}

/** @param {unknown} data @returns {Tell | null} */
export function tell(data) {
  if (!isRecord(data) || data.linemap !== 1 || data.kind !== "state") return null;
  const { state, place, view, flows } = data;
  if (!isState(state) || typeof place !== "string" || typeof view !== "string") return null;
  if (!Array.isArray(flows) || !flows.every((one) => typeof one === "string")) return null;
  return { linemap: 1, kind: "state", state, place, view, flows };
}

/** Whether the page says that it answers now. @param {unknown} data */
export const isReady = (data) => isRecord(data) && data.linemap === 1 && data.kind === READY.kind;
