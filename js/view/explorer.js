/**
 * The widget of a notebook: linemap's page in a sandboxed frame of its own, and what is chosen in
 * it as traits of the model. The frame has no origin, so that it reaches nothing of the notebook.
 */

import { isReady, tell } from "../core/messages.js";

/* never allow-same-origin; a source's own page opens as any page does */
const FRAME =
  "allow-scripts allow-downloads allow-modals allow-popups allow-popups-to-escape-sandbox";
const HIGH = "640px";

/** @typedef {{ get(key: string): any, set(key: string, value: unknown): void, save_changes(): void, on(event: string, act: () => void): void, off(event: string, act: () => void): void }} Traits */

/** A state with another place. @param {string} state @param {string} place */
function placed(state, place) {
  const parts = new URLSearchParams(state);
  for (const key of ["place", "town", "from.place", "to.place"]) parts.delete(key);
  if (place) parts.set("place", place);
  return parts.toString();
}

/** @param {{ model: Traits, el: HTMLElement }} given */
function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", FRAME);
  frame.title = "Flow map";
  Object.assign(frame.style, { width: "100%", height: HIGH, border: "0" });
  let state = String(model.get("state"));
  let place = String(model.get("place"));
  /** @param {"hello" | "go"} kind */
  const send = (kind) => frame.contentWindow?.postMessage({ linemap: 1, kind, state }, "*");
  const heard = (/** @type {MessageEvent} */ event) => {
    if (event.source !== frame.contentWindow) return;
    if (isReady(event.data)) {
      if (place) state = placed(state, place);
      send("hello");
      return;
    }
    const said = tell(event.data);
    if (!said) return;
    ({ state, place } = said);
    model.set("state", state);
    model.set("place", place);
    model.set("view", said.view);
    model.set("flow_ids", said.flows);
    model.save_changes();
  };
  const stateSet = () => {
    if (model.get("state") === state) return;
    state = String(model.get("state"));
    send("go");
  };
  const placeSet = () => {
    if (model.get("place") === place) return;
    place = String(model.get("place"));
    state = placed(state, place);
    send("go");
  };
  window.addEventListener("message", heard);
  model.on("change:state", stateSet);
  model.on("change:place", placeSet);
  frame.srcdoc = String(model.get("_page"));
  requestAnimationFrame(() => {
    const cell = el.closest(".jp-OutputArea, .output, .cell-output") || el.parentElement;
    for (const still of cell?.querySelectorAll(".linemap-still") || []) {
      if (still instanceof HTMLElement) still.hidden = true;
    }
  });
  el.append(frame);
  return () => {
    window.removeEventListener("message", heard);
    model.off("change:state", stateSet);
    model.off("change:place", placeSet);
  };
}

export default { render };
