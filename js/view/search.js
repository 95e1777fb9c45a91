/** A combobox over the names of all places of the release, and of the towns of the base map. */

/** @import { App } from "./app.js" */

import { el, refill, said } from "./dom.js";
import { TEXT, level, name } from "../core/words.js";

const MOST = 8;

/** @param {string} text */
const plain = (text) =>
  text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f’'`.-]/g, "")
    .toLowerCase();

/** @typedef {{ name: string, level: string, node: number }} Found node 0: not on this map */

/** @param {App} app */
export function search(app) {
  const { nodes } = app.model;
  const listId = "linemap-found";
  const input = el("input", {
    type: "text",
    id: "linemap-search",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    placeholder: TEXT.find,
  });
  const found = el("ul", {
    id: listId,
    role: "listbox",
    class: "found",
    hidden: true,
    "aria-label": TEXT.found,
  });
  let at = -1;
  /** @type {Found[]} */
  let list = [];

  /** @param {string} wanted @returns {Found[]} */
  function matches(wanted) {
    const byPlace = (/** @type {Found} */ a, /** @type {Found} */ b) =>
      plain(a.name).indexOf(wanted) - plain(b.name).indexOf(wanted) || a.node - b.node;
    const here = app.reading
      .searchable()
      .map((node) => ({ name: name(nodes.name[node]), level: level(nodes.level[node]), node }))
      .filter((one) => plain(one.name).includes(wanted))
      .sort(byPlace);
    const known = new Set(here.map((one) => one.name));
    const towns = app.model.base.towns
      .filter((town) => plain(town.name).includes(wanted) && !known.has(town.name))
      .map((town) => ({ name: town.name, level: TEXT.noneHere, node: 0 }))
      .sort(byPlace);
    return [...here, ...towns].slice(0, MOST);
  }

  function draw() {
    const none = input.value.trim() !== "" && list.length === 0;
    refill(
      found,
      list.map((one, k) =>
        el(
          "li",
          {
            role: "option",
            id: `linemap-found-${k}`,
            "aria-selected": k === at ? "true" : "false",
            on: {
              mousedown: (event) => {
                event.preventDefault();
                choose(one);
              },
            },
          },
          said(one.name),
          el("span", { class: "quiet" }, ` ${one.level}`),
        ),
      ),
      none
        ? el(
            "li",
            { role: "option", "aria-disabled": "true", "aria-selected": "false" },
            TEXT.notFound,
          )
        : null,
    );
    found.hidden = list.length === 0 && !none;
    input.setAttribute("aria-expanded", String(!found.hidden));
    if (at >= 0) input.setAttribute("aria-activedescendant", `linemap-found-${at}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function hide() {
    list = [];
    at = -1;
    found.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  /** @param {Found} one */
  function choose(one) {
    input.value = "";
    hide();
    if (one.node) app.select(one.node, { go: true });
    else app.selectElsewhere(one.name);
  }

  input.addEventListener("input", () => {
    const wanted = plain(input.value.trim());
    list = wanted ? matches(wanted) : [];
    at = list.length ? 0 : -1;
    draw();
  });
  input.addEventListener("blur", hide);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!list.length) return;
      event.preventDefault();
      at = (at + (event.key === "ArrowDown" ? 1 : list.length - 1)) % list.length;
      draw();
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      choose(list[at]);
    } else if (event.key === "Escape") {
      input.value = "";
      hide();
    }
  });
  return el(
    "div",
    { class: "search" },
    el("label", { for: "linemap-search", class: "unseen" }, TEXT.find),
    input,
    found,
  );
}
