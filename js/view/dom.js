/** Elements, made without any HTML text. */

const SVG = "http://www.w3.org/2000/svg";

/** @import { Children, Child } from "../core/types.ts" */

/** @typedef {Record<string, unknown> & { on?: Record<string, (event: any) => void> }} Options */

/**
 * @template {Element} E
 * @param {E} element
 * @param {Children[]} children
 * @returns {E}
 */
export function fill(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) fill(element, child);
    else element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Options | null} [options]
 * @returns {E}
 */
function set(element, options) {
  for (const [key, value] of Object.entries(options || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") {
      for (const [event, act] of Object.entries(options?.on || {})) {
        element.addEventListener(event, act);
      }
    } else {
      element.setAttribute(key, value === true ? "" : String(value));
    }
  }
  return element;
}

/**
 * el("p", { class: "quiet", on: { click: act } }, "text", other)
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Options | null} [options]
 * @param {Children[]} children
 */
export const el = (tag, options, ...children) =>
  fill(set(document.createElement(tag), options), children);

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Options | null} [options]
 * @param {Children[]} children
 */
export const svg = (tag, options, ...children) =>
  fill(set(document.createElementNS(SVG, tag), options), children);

/**
 * A text that somebody else wrote: kept apart from the writing direction around it.
 * @param {string | null} text
 */
export const said = (text) => el("bdi", null, text);

/**
 * A text for those who do not see the page.
 * @param {Child} text
 */
export const unseen = (text) => el("span", { class: "unseen" }, text);

/**
 * @template {Element} E
 * @param {E} element
 * @param {Children[]} children
 * @returns {E}
 */
export function refill(element, ...children) {
  element.replaceChildren();
  return fill(element, children);
}

/**
 * @param {Children} text
 * @param {(event: Event) => void} act
 * @param {Options} [options]
 */
export const button = (text, act, options) =>
  el("button", { type: "button", class: "button", on: { click: act }, ...options }, text);

/** @param {string} colour */
export function swatch(colour) {
  const dot = el("span", { class: "swatch", "aria-hidden": "true" });
  dot.style.backgroundColor = colour;
  return dot;
}
