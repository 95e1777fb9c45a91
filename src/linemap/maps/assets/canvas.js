/* A Leaflet layer that paints on canvases: one frame is shown, and stretched while the map moves;
   the next is painted behind it in short slices and takes its place when its first slice is done. */
linemap.canvas = (function () {
  const { paint } = linemap;
  const BLEED = 0.12; // of the map's size, painted beyond each edge
  const BUSY = 40, IDLE = 75; // milliseconds a slice, while the reader acts and after
  const LEAST = 3, MOST = 4000; // steps a slice
  const STILL = 220; // milliseconds without an act, after which the reader is still

  function make() {
    const [ground, lower, upper] = [0, 1, 2].map(() => document.createElement("canvas"));
    const box = document.createElement("div");
    box.className = "linemap-frame leaflet-zoom-animated";
    box.append(ground, lower, upper);
    return { box, ground, lower, upper, at: null };
  }

  function size(frame, view, ratio) {
    for (const canvas of [frame.ground, frame.lower, frame.upper]) {
      const w = Math.round(view.width * ratio), h = Math.round(view.height * ratio);
      if (canvas.width !== w || canvas.height !== h) {
        canvas.width = w;
        canvas.height = h;
        canvas.style.width = `${view.width}px`;
        canvas.style.height = `${view.height}px`;
      } else {
        canvas.getContext("2d").clearRect(0, 0, w, h);
      }
      const ctx = canvas.getContext("2d");
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
  }

  const define = () => L.Layer.extend({
    initialize(app, pane) {
      this.app = app;
      this.pane = pane;
      this.complete = false;
      this.acted = 0;
      this.steps = 40;
    },

    pace(took, wanted) {
      const times = Math.min(2, Math.max(0.3, wanted / Math.max(took, 1)));
      this.steps = Math.round(Math.min(MOST, Math.max(LEAST, this.steps * times)));
    },

    onAdd(map) {
      this.map = map;
      const pane = map.getPane("linemap") || map.createPane("linemap");
      pane.style.zIndex = 350;
      pane.style.pointerEvents = "none";
      this.front = make();
      this.back = make();
      this.back.box.style.visibility = "hidden";
      pane.append(this.front.box, this.back.box);
      this.repaint();
    },

    onRemove() {
      cancelAnimationFrame(this.turn);
      this.front.box.remove();
      this.back.box.remove();
    },

    /* The base map is painted once a view; only the outlines above it follow what is chosen. */
    ground(ctx, view, ratio) {
      const key = [view.zoom, view.left, view.top, view.width, view.height, ratio, this.app.theme.name].join(" ");
      if (this.groundKey !== key) {
        this.groundKey = key;
        this.groundSheet = this.groundSheet || document.createElement("canvas");
        this.groundSheet.width = Math.round(view.width * ratio);
        this.groundSheet.height = Math.round(view.height * ratio);
        const sheet = this.groundSheet.getContext("2d");
        sheet.setTransform(ratio, 0, 0, ratio, 0, 0);
        paint.base(sheet, view, this.app);
      }
      ctx.drawImage(this.groundSheet, 0, 0, view.width, view.height);
      paint.areas(ctx, view, this.app, this.pane);
    },

    /* After a drag the picture has moved along; it is painted anew when the reader is still, or
       when its bleed is used up. */
    moved() {
      const at = this.front.at;
      const zoom = this.map.getZoom();
      clearTimeout(this.pause);
      if (at && at.zoom === zoom && this.map.getSize().x * (1 + 2 * BLEED) - at.width < 3) {
        const now = this.view();
        const gone = Math.max(Math.abs(now.left - at.left) / now.width, Math.abs(now.top - at.top) / now.height);
        if (gone === 0 && this.complete) return;
        if (gone < BLEED * 0.7) {
          this.pause = setTimeout(() => this.repaint(), 110);
          return;
        }
      }
      this.repaint();
    },

    getEvents() {
      return {
        zoomanim: (event) => this.stretch(event.center, event.zoom),
        zoom: () => this.stretch(this.map.getCenter(), this.map.getZoom()),
        movestart: () => this.touch(),
        move: () => this.touch(),
        moveend: () => this.moved(),
        viewreset: () => this.repaint(),
        resize: () => this.repaint(),
      };
    },

    touch() {
      this.acted = performance.now();
    },

    /* What the map shows now, with its bleed, in pixels and in the world's units. */
    view() {
      const map = this.map, inside = map.getSize(), zoom = map.getZoom();
      const scale = 2 ** zoom;
      const edge = inside.multiplyBy(BLEED).round();
      const corner = map.project(map.getCenter(), zoom).subtract(inside.divideBy(2)).subtract(edge);
      return {
        zoom, scale, left: corner.x, top: corner.y,
        bleedX: edge.x, bleedY: edge.y,
        width: inside.x + 2 * edge.x, height: inside.y + 2 * edge.y,
      };
    },

    place(frame, center, zoom) {
      if (!frame.at) return;
      const grown = 2 ** (zoom - frame.at.zoom);
      const corner = L.point(frame.at.left, frame.at.top).multiplyBy(grown);
      const origin = this.map._getNewPixelOrigin(center, zoom);
      L.DomUtil.setTransform(frame.box, corner.subtract(origin), grown);
    },

    stretch(center, zoom) {
      this.touch();
      this.place(this.front, center, zoom);
      this.place(this.back, center, zoom);
    },

    repaint() {
      const map = this.map;
      if (!map || !map._loaded) return;
      const view = this.view();
      if (view.width < 4 || view.height < 4) return;
      cancelAnimationFrame(this.turn);
      clearTimeout(this.pause);
      this.complete = false;
      const ratio = Math.min(window.devicePixelRatio || 1, 2);
      this.back.at = view;
      size(this.back, view, ratio);
      this.ground(this.back.ground.getContext("2d"), view, ratio);
      this.place(this.back, map.getCenter(), map.getZoom());
      const work = paint.over(this.back.upper.getContext("2d"), this.back.lower.getContext("2d"), view, this.app, this.pane);
      let shown = false, began = 0;
      /* A browser may put the painting itself off until the script has ended, so a slice is
         measured from frame to frame, and the next one is made smaller or larger. */
      const slice = (now) => {
        if (began) this.pace(now - began, now - this.acted < STILL ? BUSY : IDLE);
        began = now;
        let done = false;
        for (let k = 0; k < this.steps && !done; k++) done = work.next().done;
        if (!shown) {
          shown = true;
          this.swap();
        }
        if (done) {
          this.complete = true;
          this.fire("painted");
        } else {
          this.turn = requestAnimationFrame(() => slice(performance.now()));
        }
      };
      this.fire("painting");
      slice(performance.now());
    },

    swap() {
      [this.front, this.back] = [this.back, this.front];
      this.front.box.style.visibility = "";
      this.back.box.style.visibility = "hidden";
    },
  });

  let Layer = null;
  return {
    create(app, pane) {
      if (!Layer) Layer = define();
      return new Layer(app, pane);
    },
  };
})();
