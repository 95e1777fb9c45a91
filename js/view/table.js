/** The table twin: every flow that passes, sortable, in pages. */

/** @import { App } from "./app.js" */
/** @import { TableColumn } from "../core/table.js" */

import { columns, ordered } from "../core/table.js";
import { button, el, refill, said } from "./dom.js";
import { TEXT, name } from "../core/words.js";
import { csv } from "./export.js";

const PAGE = 100;
const KINDS = /** @type {Record<string, string>} */ ({
  origin_name: "place",
  destination_name: "place",
  source: "long",
  note: "long",
});

/** @param {TableColumn[]} all @param {number[]} rows @param {(column: TableColumn) => Element} heading */
function tableOf(all, rows, heading) {
  return el(
    "table",
    null,
    el("caption", { class: "unseen" }, TEXT.tableCaption),
    el("thead", null, el("tr", null, all.map(heading))),
    el(
      "tbody",
      null,
      rows.map((i) =>
        el(
          "tr",
          null,
          all.map((column) => {
            const text = column.said(i);
            const kind = column.number ? "number" : (KINDS[column.key] ?? null);
            return el("td", { class: kind }, text ? said(text) : "");
          }),
        ),
      ),
    ),
  );
}

/**
 * The table for paper: the first rows.
 * @param {App} app @param {number} most
 */
export function paperTable(app, most) {
  const all = columns(app.model, app.reading.flows).filter((column) => column.key !== "url");
  const rows = app.reading.rows();
  return [
    rows.length > most ? el("p", null, TEXT.firstRows(most, rows.length)) : null,
    tableOf(all, rows.slice(0, most), (column) => el("th", { scope: "col" }, said(column.title))),
  ];
}

/** @param {App} app */
export function table(app) {
  const box = el("div", { class: "table-box" });
  /** @type {{ column: TableColumn | null, down: boolean, page: number }} */
  const shown = { column: null, down: false, page: 0 };

  /** @param {TableColumn} column */
  function heading(column) {
    const sorted = shown.column?.key === column.key;
    return el(
      "th",
      {
        scope: "col",
        class: column.number ? "number" : null,
        "aria-sort": sorted ? (shown.down ? "descending" : "ascending") : null,
      },
      el(
        "button",
        {
          type: "button",
          id: `linemap-column-${column.key}`,
          on: {
            click: () => {
              if (sorted) shown.down = !shown.down;
              else Object.assign(shown, { column, down: Boolean(column.number) });
              shown.page = 0;
              draw();
              app.announce(TEXT.sortedBy(column.title, shown.down));
            },
          },
        },
        said(column.title),
        el(
          "span",
          { "aria-hidden": "true", class: "sort" },
          sorted ? (shown.down ? " ▼" : " ▲") : "",
        ),
      ),
    );
  }

  /** @param {number} pages */
  function pager(pages) {
    if (pages < 2) return null;
    const step = (/** @type {number} */ by, /** @type {string} */ text) =>
      button(
        text,
        () => {
          shown.page += by;
          draw();
          app.announce(TEXT.page(shown.page + 1, pages));
        },
        {
          disabled: shown.page + by < 0 || shown.page + by >= pages,
          id: `linemap-page-${by}`,
          class: "button",
        },
      );
    return el(
      "p",
      { class: "pager" },
      step(-1, TEXT.previous),
      ` ${TEXT.page(shown.page + 1, pages)} `,
      step(1, TEXT.next),
    );
  }

  function draw() {
    const { model, reading } = app;
    const all = columns(model, reading.flows);
    const list = ordered(reading.rows(), shown.column, shown.down);
    const pages = Math.ceil(list.length / PAGE) || 1;
    shown.page = Math.min(shown.page, pages - 1);
    const rows = list.slice(shown.page * PAGE, (shown.page + 1) * PAGE);
    const { place, pair } = app.chosen;
    const only = place ? name(model.nodes.name[place]) : pair ? TEXT.oneLine : null;
    app.keepFocus(box, () => {
      refill(
        box,
        el(
          "div",
          { class: "table-head" },
          el("p", null, app.reading.status()),
          only
            ? el(
                "p",
                { class: "quiet" },
                TEXT.onlyRows(only),
                " ",
                button(TEXT.allRows, () => app.select(0), {
                  class: "plain",
                  id: "linemap-all-rows",
                }),
              )
            : null,
          el(
            "p",
            { class: "table-tools" },
            button(TEXT.downloadThese(list.length), () => csv(app, list)),
            list.length < reading.flows.n
              ? button(TEXT.downloadAll(reading.flows.n), () => csv(app, null))
              : null,
          ),
        ),
        el(
          "div",
          { class: "table-scroll", tabindex: 0, role: "region", "aria-label": TEXT.tableOfFlows },
          tableOf(all, rows, heading),
        ),
        pager(pages),
      );
    });
  }

  return {
    box,
    refresh() {
      const { column } = shown;
      shown.page = 0;
      if (column) {
        shown.column =
          columns(app.model, app.reading.flows).find((one) => one.key === column.key) || null;
      }
      draw();
    },
  };
}
