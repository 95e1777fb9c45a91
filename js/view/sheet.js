/** An SVG that can be painted on like a canvas. */

import { svg } from "./dom.js";

const LIFT = 0.35; // of the size of a text, from its middle down to its base line

/** @param {number} value */
const f = (value) => value.toFixed(1);

export class Sheet {
  /** @param {number} width @param {number} height */
  constructor(width, height) {
    this.root = svg("svg", {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
    });
    this.parent = /** @type {Element} */ (this.root);
    this.group = svg("g");
    this.root.append(this.group);
    this.d = "";
    this.fillStyle = "#000";
    this.strokeStyle = "#000";
    this.lineWidth = 1;
    this.globalAlpha = 1;
    this.lineCap = "butt";
    this.lineJoin = "miter";
    this.font = "10px sans-serif";
    this.textAlign = "left";
    this.textBaseline = "alphabetic";
    /** @type {number[]} */
    this.dash = [];
    this.ruler = document.createElement("canvas").getContext("2d");
  }

  /** @param {"path" | "rect" | "text"} tag @param {Record<string, unknown>} options @param {string[]} children */
  put(tag, options, ...children) {
    const opacity = this.globalAlpha === 1 ? null : this.globalAlpha;
    this.group.append(svg(tag, { ...options, opacity }, ...children));
  }

  /** What follows is painted in a group of its own. @param {string} [clip] */
  layer(clip) {
    this.group = svg("g", clip ? { "clip-path": clip } : null);
    this.parent.append(this.group);
  }

  beginPath() {
    this.d = "";
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.d += `M${f(x)} ${f(y)}`;
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.d += `L${f(x)} ${f(y)}`;
  }

  /** @param {number} cx @param {number} cy @param {number} x @param {number} y */
  quadraticCurveTo(cx, cy, x, y) {
    this.d += `Q${f(cx)} ${f(cy)} ${f(x)} ${f(y)}`;
  }

  closePath() {
    this.d += "Z";
  }

  /** @param {number} x @param {number} y @param {number} r @param {number} from @param {number} to */
  arc(x, y, r, from, to) {
    if (to - from >= Math.PI * 2 - 0.01) {
      this.d += `M${f(x - r)} ${f(y)}a${f(r)} ${f(r)} 0 1 0 ${f(2 * r)} 0a${f(r)} ${f(r)} 0 1 0 ${f(-2 * r)} 0`;
      return;
    }
    const at = (/** @type {number} */ angle) =>
      `${f(x + r * Math.cos(angle))} ${f(y + r * Math.sin(angle))}`;
    this.d += `M${at(from)}A${f(r)} ${f(r)} 0 ${to - from > Math.PI ? 1 : 0} 1 ${at(to)}`;
  }

  /** @param {number[]} dash */
  setLineDash(dash) {
    this.dash = dash;
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  fillRect(x, y, width, height) {
    this.put("rect", { x, y, width, height, fill: this.fillStyle });
  }

  /** @param {string} [rule] */
  fill(rule) {
    this.put("path", { d: this.d, fill: this.fillStyle, "fill-rule": rule });
  }

  stroke() {
    this.put("path", {
      d: this.d,
      fill: "none",
      stroke: this.strokeStyle,
      "stroke-width": this.lineWidth.toFixed(2),
      "stroke-linejoin": this.lineJoin,
      "stroke-dasharray": this.dash.length ? this.dash.join(" ") : null,
    });
  }

  /** @param {string} text @param {number} x @param {number} y @param {Record<string, unknown>} painted */
  text(text, x, y, painted) {
    const [, weight, size] = /^(\d+) ([\d.]+)px/.exec(this.font) || ["", "400", "12"];
    const down = this.textBaseline === "middle" ? Number(size) * LIFT : 0;
    this.put(
      "text",
      {
        x: f(x),
        y: f(y + down),
        "font-family": "system-ui, sans-serif",
        "font-size": size,
        "font-weight": weight,
        ...painted,
      },
      text,
    );
  }

  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y) {
    this.text(text, x, y, { fill: this.fillStyle });
  }

  /** @param {string} text @param {number} x @param {number} y */
  strokeText(text, x, y) {
    this.text(text, x, y, {
      fill: "none",
      stroke: this.strokeStyle,
      "stroke-width": this.lineWidth,
      "stroke-linejoin": "round",
    });
  }

  /** @param {string} text */
  measureText(text) {
    if (!this.ruler) return { width: text.length * 7 };
    this.ruler.font = this.font;
    return this.ruler.measureText(text);
  }
}
