/** The time bar: months with a bar each, and a window that is dragged, stepped and played. */

/** @import { App } from "./app.js" */

import { monthText } from "../core/filter.js";
import { button, el, refill, svg } from "./dom.js";
import { TEXT, month } from "../core/words.js";

const BEAT = 1100; // milliseconds between two steps of playing

/**
 * Of each map, the records' counts of each month, or the number of statements that cover it.
 * @param {App} app @param {NonNullable<import("../core/types.ts").Periods>} periods
 */
function heights(app, { low, high, first, last }) {
  const { flows } = app.reading;
  const { panes, statements } = app.model;
  const codes = panes.length > 1 ? app.reading.panes.map(({ code }) => code) : [0];
  const out = codes.map(() => new Float64Array(high - low + 1));
  for (let i = 0; i < flows.n; i++) {
    const own = codes.length > 1 ? out[codes.indexOf(flows.pane.codes[i])] : out[0];
    if (Number.isNaN(first[i]) || !own) continue;
    const share = statements ? 1 : (flows.count[i] || 0) / (last[i] - first[i] + 1);
    for (let k = first[i]; k <= last[i]; k++) own[k - low] += share;
  }
  return out;
}

/** @param {App} app */
export function timebar(app) {
  const box = el("div", { class: "timebar", role: "group", "aria-label": TEXT.period });
  let timer = 0;

  function stop() {
    clearInterval(timer);
    timer = 0;
    const play = box.querySelector("#linemap-play");
    if (play) play.textContent = TEXT.play;
  }

  function build() {
    stop();
    const { periods, windows } = app.reading;
    box.hidden = !periods;
    if (!periods) return refill(box);
    const { low, high } = periods;
    const all = heights(app, periods);
    const top = Math.max(...all.map((one) => Math.max(...one))) || 1;
    const wide = 0.88 / all.length; // of a bar, in months
    const chart = svg("svg", {
      viewBox: `0 0 ${high - low + 1} 40`,
      preserveAspectRatio: "none",
      class: "histogram",
      "aria-hidden": "true",
    });
    const drawn = all.map((one, map) =>
      [...one].map((value, k) =>
        svg("rect", {
          x: k + 0.06 + map * wide,
          width: wide,
          y: 40 - (value / top) * 38,
          height: (value / top) * 38,
        }),
      ),
    );
    chart.append(...drawn.flat());
    const output = el("output", { class: "time-said" });
    const grip = el("div", { class: "time-window", title: TEXT.dragWindow });
    /** @param {string} name @param {"from" | "to"} key */
    const slider = (name, key) => {
      const input = el("input", {
        type: "range",
        min: low,
        max: high,
        step: 1,
        id: `linemap-${key}`,
        "aria-label": name,
        on: {
          input: () => {
            stop();
            const value = Number(input.value);
            if (key === "from") set(Math.min(value, app.chosen.to), app.chosen.to);
            else set(app.chosen.from, Math.max(value, app.chosen.from));
          },
        },
      });
      return input;
    };
    const from = slider(TEXT.firstMonth, "from");
    const to = slider(TEXT.lastMonth, "to");
    const share = (/** @type {number} */ value) => (value - low) / (high - low + 1);

    function say() {
      const a = month(monthText(app.chosen.from));
      const b = month(monthText(app.chosen.to));
      output.textContent = a === b ? a : `${a} ${TEXT.to} ${b}`;
      from.value = String(app.chosen.from);
      to.value = String(app.chosen.to);
      from.setAttribute("aria-valuetext", a);
      to.setAttribute("aria-valuetext", b);
      grip.style.left = `${100 * share(app.chosen.from)}%`;
      grip.style.width = `${100 * (share(app.chosen.to + 1) - share(app.chosen.from))}%`;
      for (const bars of drawn) {
        bars.forEach((bar, k) => {
          const inside = k + low >= app.chosen.from && k + low <= app.chosen.to;
          bar.setAttribute("class", inside ? "in" : "out");
        });
      }
    }

    /** @param {number} a @param {number} b */
    function set(a, b) {
      app.chosen.from = Math.max(low, Math.min(high, a));
      app.chosen.to = Math.max(app.chosen.from, Math.min(high, b));
      say();
      app.changed();
    }

    /* a step goes to the next window that the release has, or by the length of the chosen one */
    function step(/** @type {number} */ way) {
      const { from: a, to: b } = app.chosen;
      const whole = a === low && b === high;
      const own = windows.some(([x, y]) => x === a && y === b);
      if (whole || own) {
        const list = windows.filter(([x, y]) => x > low || y < high || windows.length === 1);
        const at = list.findIndex(([x, y]) => x === a && y === b);
        const next =
          at < 0 ? (way > 0 ? 0 : list.length - 1) : (at + way + list.length) % list.length;
        return set(list[next][0], list[next][1]);
      }
      const length = b - a + 1;
      const start = a + way * length;
      return start > high || start + length - 1 < low
        ? set(way > 0 ? low : high - length + 1, way > 0 ? low + length - 1 : high)
        : set(start, start + length - 1);
    }

    const play = button(
      TEXT.play,
      () => {
        if (timer) return stop();
        play.textContent = TEXT.pause;
        step(1);
        timer = window.setInterval(() => step(1), BEAT);
      },
      { class: "button", id: "linemap-play" },
    );

    /* dragging the window moves both ends */
    grip.addEventListener("pointerdown", (event) => {
      stop();
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      const start = event.clientX;
      const { from: a, to: b } = app.chosen;
      const wide = chart.getBoundingClientRect().width || 1;
      const move = (/** @type {PointerEvent} */ now) => {
        const by = Math.round(((now.clientX - start) / wide) * (high - low + 1));
        const kept = Math.max(low - a, Math.min(high - b, by));
        if (a + kept !== app.chosen.from) set(a + kept, b + kept);
      };
      const up = () => {
        grip.removeEventListener("pointermove", move);
        grip.removeEventListener("pointerup", up);
      };
      grip.addEventListener("pointermove", move);
      grip.addEventListener("pointerup", up);
    });

    const change = el("input", {
      type: "checkbox",
      id: "linemap-change",
      on: {
        change: () => {
          app.chosen.change = change.checked;
          /* a change needs a period before: the later half, or the last window there is */
          if (change.checked && app.chosen.from === low) {
            const last = windows[windows.length - 1];
            const half = low + Math.ceil((high - low + 1) / 2);
            set(last[0] > low ? last[0] : half, high);
          }
          app.changed();
          app.recoloured();
        },
      },
    });
    change.checked = app.chosen.change;
    refill(
      box,
      el(
        "div",
        { class: "time-tools" },
        button("‹", () => (stop(), step(-1)), {
          class: "button",
          "aria-label": TEXT.earlier,
          id: "linemap-earlier",
        }),
        play,
        button("›", () => (stop(), step(1)), {
          class: "button",
          "aria-label": TEXT.later,
          id: "linemap-later",
        }),
        output,
        button(TEXT.allMonths, () => (stop(), set(low, high)), {
          class: "plain",
          id: "linemap-months",
        }),
        app.model.statements
          ? null
          : el("label", { class: "time-change" }, change, TEXT.showChange),
        el(
          "span",
          { class: "quiet time-note" },
          app.model.statements ? TEXT.barsStatements : TEXT.barsRecords,
        ),
      ),
      el("div", { class: "time-chart" }, chart, grip, el("div", { class: "sliders" }, from, to)),
    );
    say();
    return box;
  }

  build();
  return { box, build, stop };
}
