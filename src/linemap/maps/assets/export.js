/* Taking it along: CSV, SVG, PNG and paper. */
linemap.exports = (function () {
  const { dom, words, paint } = linemap;

  function download(blob, name) {
    const link = dom.el("a", { href: URL.createObjectURL(blob), download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const fileName = (app, ending) => {
    const plain = app.model.title.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
    return `${plain.slice(0, 60).toLowerCase() || "flows"}.${ending}`;
  };

  /* A cell that a spreadsheet would run as a formula gets an apostrophe in front. */
  function cell(text) {
    const value = text === null || text === undefined ? "" : String(text);
    const safe = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  }

  function csvText(app, rows) {
    const columns = linemap.table.columns(app);
    const lines = [columns.map((column) => cell(column.key)).join(",")];
    const all = rows || Array.from({ length: app.flows.n }, (_, i) => i);
    for (const i of all) lines.push(columns.map((column) => cell(column.said(i))).join(","));
    return `\ufeff${lines.join("\r\n")}\r\n`;
  }

  const csv = (app, rows) =>
    download(new Blob([csvText(app, rows)], { type: "text/csv;charset=utf-8" }), fileName(app, "csv"));

  /* An SVG that can be painted on like a canvas. */
  class Sheet {
    constructor(width, height) {
      this.root = dom.svg("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`, role: "img" });
      this.group = dom.svg("g");
      this.root.append(this.group);
      this.d = "";
      Object.assign(this, { fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1, lineCap: "butt", lineJoin: "miter", font: "10px sans-serif", textAlign: "left", textBaseline: "alphabetic", dash: [] });
      this.ruler = document.createElement("canvas").getContext("2d");
    }

    put(tag, options, ...children) {
      const element = dom.svg(tag, { ...options, opacity: this.globalAlpha === 1 ? null : this.globalAlpha }, ...children);
      this.group.append(element);
    }

    layer(clip) {
      this.group = dom.svg("g", clip ? { "clip-path": clip } : null);
      this.root.append(this.group);
    }

    beginPath() { this.d = ""; }
    moveTo(x, y) { this.d += `M${x.toFixed(1)} ${y.toFixed(1)}`; }
    lineTo(x, y) { this.d += `L${x.toFixed(1)} ${y.toFixed(1)}`; }
    quadraticCurveTo(cx, cy, x, y) { this.d += `Q${cx.toFixed(1)} ${cy.toFixed(1)} ${x.toFixed(1)} ${y.toFixed(1)}`; }
    closePath() { this.d += "Z"; }
    arc(x, y, r) { this.d += `M${(x - r).toFixed(1)} ${y.toFixed(1)}a${r.toFixed(1)} ${r.toFixed(1)} 0 1 0 ${(2 * r).toFixed(1)} 0a${r.toFixed(1)} ${r.toFixed(1)} 0 1 0 ${(-2 * r).toFixed(1)} 0`; }
    setLineDash(dash) { this.dash = dash; }
    fillRect(x, y, width, height) { this.put("rect", { x, y, width, height, fill: this.fillStyle }); }
    fill(rule) { this.put("path", { d: this.d, fill: this.fillStyle, "fill-rule": rule }); }
    stroke() {
      this.put("path", { d: this.d, fill: "none", stroke: this.strokeStyle, "stroke-width": this.lineWidth.toFixed(2), "stroke-linejoin": this.lineJoin, "stroke-dasharray": this.dash.length ? this.dash.join(" ") : null });
    }
    text(text, x, y, paintedWith) {
      const [, weight, size] = /^(\d+) ([\d.]+)px/.exec(this.font) || [null, 400, 12];
      this.put("text", { x: x.toFixed(1), y: y.toFixed(1), "font-family": "system-ui, sans-serif", "font-size": size, "font-weight": weight, "dominant-baseline": this.textBaseline === "middle" ? "central" : null, ...paintedWith }, text);
    }
    fillText(text, x, y) { this.text(text, x, y, { fill: this.fillStyle }); }
    strokeText(text, x, y) { this.text(text, x, y, { fill: "none", stroke: this.strokeStyle, "stroke-width": this.lineWidth, "stroke-linejoin": "round" }); }
    measureText(text) {
      this.ruler.font = this.font;
      return this.ruler.measureText(text);
    }
  }

  function wrap(ctx, text, width) {
    const lines = [];
    let line = "";
    for (const word of text.split(/\s+/)) {
      const longer = line ? `${line} ${word}` : word;
      if (line && ctx.measureText(longer).width > width) {
        lines.push(line);
        line = word;
      } else {
        line = longer;
      }
    }
    if (line) lines.push(line);
    return lines;
  }

  const MARGIN = 24;

  /* Title, key numbers, map, legend, sources: what a picture needs to stand alone. */
  function compose(make, app, view, theme) {
    const panes = app.panes.length;
    const width = view.width * panes + (panes - 1) * 8 + 2 * MARGIN;
    const probe = document.createElement("canvas").getContext("2d");
    const say = (font, text) => { probe.font = font; return wrap(probe, text, width - 2 * MARGIN); };
    const fonts = { title: `700 22px ${app.font}`, text: `400 13px ${app.font}`, small: `400 11px ${app.font}` };
    const head = [
      ...say(fonts.title, app.model.title).map((text) => [fonts.title, 28, text, theme.ink]),
      ...(app.model.subtitle ? say(fonts.text, app.model.subtitle).map((text) => [fonts.text, 19, text, theme.quiet]) : []),
      ...say(fonts.text, app.status()).map((text) => [fonts.text, 19, text, theme.quiet]),
    ];
    const foot = [
      ...say(fonts.small, `${app.model.basis} ${app.model.caveats[0] || ""}`).map((text) => [fonts.small, 15, text, theme.quiet]),
      ...say(fonts.small, app.model.attributions.join("; ")).map((text) => [fonts.small, 15, text, theme.quiet]),
    ];
    const tall = (lines) => lines.reduce((sum, line) => sum + line[1], 0);
    const keys = keyRows(app);
    const keyHeight = 26 * Math.ceil(keys.length / 4) + 8;
    const top = MARGIN + tall(head) + 8;
    const height = top + view.height + 12 + keyHeight + tall(foot) + MARGIN;
    const { ctx, layer, finish } = make(width, height);
    ctx.fillStyle = theme.paper;
    ctx.fillRect(0, 0, width, height);
    let y = MARGIN;
    const lines = (all) => {
      ctx.textBaseline = "middle";
      for (const [font, step, text, colour] of all) {
        ctx.font = font;
        ctx.fillStyle = colour;
        ctx.fillText(text, MARGIN, y + step / 2);
        y += step;
      }
    };
    lines(head);
    app.panes.forEach((pane, k) => layer(MARGIN + k * (view.width + 8), top, view, pane));
    y = top + view.height + 12;
    keys.forEach((key, k) => drawKey(ctx, key, MARGIN + ((width - 2 * MARGIN) / 4) * (k % 4), y + 26 * Math.floor(k / 4) + 13, theme, app));
    y += keyHeight;
    lines(foot);
    return finish();
  }

  function keyRows(app) {
    const { style } = app.model;
    const rows = app.colourRows().slice(0, 8).map((row) => ({ colour: row.colour, width: 5, text: row.label }));
    if (style.largest > 0) {
      for (const step of style.steps) rows.push({ width: Math.max(style.thinnest, (step / style.largest) * style.widest * app.nearness()), text: words.number(step) });
    }
    if (app.kindCount[1] > 0) rows.push({ width: 2, dash: [7, 4], text: "named, not counted" });
    if (app.kindCount[2] > 0) rows.push({ width: 2, dash: [2, 4], text: "mentioned as an example" });
    return rows;
  }

  function drawKey(ctx, key, x, y, theme, app) {
    ctx.globalAlpha = 1;
    ctx.strokeStyle = key.colour || theme.ink;
    ctx.lineWidth = key.width;
    ctx.setLineDash(key.dash || []);
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(x + 34, y);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.font = `400 12px ${app.font}`;
    ctx.fillStyle = theme.ink;
    ctx.textBaseline = "middle";
    const text = Array.from(key.text);
    ctx.fillText(text.length > 26 ? `${text.slice(0, 25).join("")}…` : key.text, x + 42, y);
  }

  function over(ctx, view, app, pane) {
    paint.whole(ctx, view, app, app.paneKey(pane));
    ctx.globalAlpha = 1;
  }

  /* The view that the map shows now, without its bleed. */
  function shown(app) {
    const map = app.panes[0].leaflet;
    const inside = map.getSize(), zoom = map.getZoom();
    const corner = map.project(map.getCenter(), zoom).subtract(inside.divideBy(2));
    return { scale: 2 ** zoom, left: corner.x, top: corner.y, width: inside.x, height: inside.y };
  }

  function asSvg(app, view, theme) {
    return compose((width, height) => {
      const sheet = new Sheet(width, height);
      let clips = 0;
      return {
        ctx: sheet,
        layer(x, y, part, pane) {
          const id = `linemap-clip-${clips++}`;
          sheet.root.prepend(dom.svg("clipPath", { id }, dom.svg("rect", { width: part.width, height: part.height })));
          const frame = dom.svg("g", { transform: `translate(${x} ${y})` });
          const before = sheet.root;
          sheet.root = frame;
          sheet.layer(`url(#${id})`);
          paint.under(sheet, part, app, app.paneKey(pane));
          sheet.layer(`url(#${id})`);
          over(sheet, part, app, pane);
          sheet.root = before;
          before.append(frame);
          sheet.layer();
        },
        finish: () => sheet.root,
      };
    }, app, view, theme);
  }

  function asCanvas(app, view, theme, ratio) {
    return compose((width, height) => {
      const canvas = document.createElement("canvas");
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      const ctx = canvas.getContext("2d");
      ctx.scale(ratio, ratio);
      return {
        ctx,
        layer(x, y, part, pane) {
          const sheets = [0, 1].map(() => {
            const sheet = document.createElement("canvas");
            sheet.width = part.width * ratio;
            sheet.height = part.height * ratio;
            sheet.getContext("2d").scale(ratio, ratio);
            return sheet;
          });
          paint.under(sheets[0].getContext("2d"), part, app, app.paneKey(pane));
          over(sheets[1].getContext("2d"), part, app, pane);
          for (const sheet of sheets) ctx.drawImage(sheet, x, y, part.width, part.height);
        },
        finish: () => canvas,
      };
    }, app, view, theme);
  }

  function svg(app) {
    const text = new XMLSerializer().serializeToString(asSvg(app, shown(app), app.theme));
    download(new Blob([text], { type: "image/svg+xml" }), fileName(app, "svg"));
  }

  function png(app) {
    asCanvas(app, shown(app), app.theme, 2).toBlob((blob) => download(blob, fileName(app, "png")), "image/png");
  }

  /* For paper: the same view on white, in the light colours, sharp at any size. */
  const VECTOR = 4000;
  function paper(app) {
    return app.onPaper((view, pane) => {
      if (app.drawn <= VECTOR) {
        const sheet = new Sheet(view.width, view.height);
        sheet.layer();
        paint.under(sheet, view, app, app.paneKey(pane));
        sheet.layer();
        over(sheet, view, app, pane);
        return sheet.root;
      }
      const canvas = document.createElement("canvas"), below = document.createElement("canvas");
      for (const sheet of [canvas, below]) {
        sheet.width = view.width * 2;
        sheet.height = view.height * 2;
        sheet.getContext("2d").scale(2, 2);
      }
      paint.under(below.getContext("2d"), view, app, app.paneKey(pane));
      over(canvas.getContext("2d"), view, app, pane);
      below.getContext("2d").drawImage(canvas, 0, 0, view.width, view.height);
      return below;
    });
  }

  return { csv, csvText, svg, png, paper, asSvg, shown };
})();
