"""Measure linemap's map beside folium's GeoJson on the same flows, in one run and one Chromium.

    python benchmarks/map/run.py 10000 100000

Prints a table. The browser has no GPU and no network: folium's page is
given the installed Leaflet, and is spared its other files.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import folium
from made import made_flows
from playwright.sync_api import Browser, Page, sync_playwright
from xstatic.pkg import leaflet

from linemap import schema
from linemap.disclosure import as_published
from linemap.maps import flow_map, save_map

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
TURNS = 5  # each page is opened so many times, by turns; the median counts

# Both are asked in the page, from its navigation on: `readyAt` when two frames have passed
# since its scripts were done, `completeAt` when, of linemap's, the last flow is painted too.
CLOCK = """addEventListener("DOMContentLoaded", () => {
  const frame = requestAnimationFrame, own = () => window.linemap && linemap.maps[0];
  const made = () => {
    if (window.linemap && !own()) return frame(made);
    return frame(() => {
      window.readyAt = performance.now();
      wait();
    });
  };
  const wait = () => {
    if (own() && !own().complete) frame(wait);
    else window.completeAt = performance.now();
  };
  frame(made);
});"""

# Frames a second, and the longest wait for one, while the reader acts; then the time until the
# picture is complete.
ACT = """async ([what, times, gap]) => {
  const own = window.linemap && linemap.maps[0], map = own ? own.leaflet : window[FOLIUM];
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const start = map.getZoom();
  const acts = {
    zoom: (i) => map.setZoom(start + (i % 6 < 3 ? 1 : 0) * ((i % 3) + 1) * 0.75, { animate: true }),
    pan: (i) => map.panBy([i % 8 < 4 ? 45 : -45, 0], { animate: false }),
    filter: (i) => { own.app.chosen.min = 10 + 5 * i; own.app.changed(); },
  };
  if (what === "filter" && !own) return null;
  let frames = 0, longest = 0, last = performance.now(), over = false;
  const began = last;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    frames++;
    if (!over) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  for (let i = 0; i < times; i++) { acts[what](i); await wait(gap); }
  over = true;
  const took = performance.now() - began, still = performance.now();
  if (own) {
    if (what === "filter") { own.app.chosen.min = 0; own.app.changed(); await wait(40); }
    while (!own.complete || own.app.answering) await wait(5);
  }
  return { fps: frames * 1000 / took, longest, complete: performance.now() - still };
}"""


TOLD = (
    schema.ORIGIN_NAME, schema.DESTINATION_NAME, schema.MEASURE, schema.COUNT,
    schema.PERIOD_START, schema.PERIOD_END, schema.DISTANCE_KM, schema.DISTANCE_LOW_KM,
    schema.DISTANCE_HIGH_KM, "age_band",
)  # fmt: skip
BARE = (schema.ORIGIN_NAME, schema.DESTINATION_NAME, schema.COUNT)


def folium_page(flows: Any, target: Path, *, told: tuple[str, ...] = TOLD) -> str:
    """Write folium's map of the same flows, as wide as their counts, and return its map's name.

    Each flow tells `told` in its tooltip: all that linemap's page carries, or names and count.
    """
    drawn = folium.Map([52.5, -1], zoom_start=6, tiles=None, prefer_canvas=True)
    frame = flows[[*told, schema.GEOMETRY]].astype({schema.COUNT: int}).round(1)
    largest = frame[schema.COUNT].max()

    def look(feature: dict[str, Any]) -> dict[str, Any]:
        count = feature["properties"][schema.COUNT]
        return {"weight": round(max(0.75, 10 * count / largest), 1), "color": "#0b6fb8"}

    tooltip = folium.GeoJsonTooltip(list(told))
    folium.GeoJson(frame, style_function=look, tooltip=tooltip).add_to(drawn)
    drawn.save(str(target))
    target.write_text(alone(target.read_text(encoding="utf-8")), encoding="utf-8")
    return str(drawn.get_name())


def alone(html: str) -> str:
    """Put Leaflet into folium's page and take its other files away: no network slows it down."""
    script = (Path(leaflet.BASE_DIR) / "leaflet.js").read_text(encoding="utf-8")
    html = re.sub(
        r'<script src="[^"]*leaflet\.js"></script>',
        lambda _: f"<script>{script}</script>",
        html,
        count=1,
    )
    return re.sub(r'<script src="http[^"]*"></script>|<link [^>]*>', "", html)


def opened(browser: Browser) -> Page:
    """Open an empty page that waits as long as it takes."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(600_000)
    page.set_default_navigation_timeout(600_000)
    return page


def until(page: Page, moment: str) -> float:
    """Wait for a moment of the page's own clock and return its seconds."""
    while not page.evaluate(f"window.{moment} || 0"):
        time.sleep(0.005)
    return float(page.evaluate(f"window.{moment}")) / 1000


def acted(page: Page, name: str) -> dict[str, Any]:
    """Measure zooming, panning and filtering."""
    script = ACT.replace("FOLIUM", json.dumps(name))
    found = {}
    for what, times, gap in (("zoom", 8, 300), ("pan", 24, 60), ("filter", 20, 80)):
        found[what] = page.evaluate(script, [what, times, gap])
    return found


def measure(n: int, browser: Browser, folder: Path) -> dict[str, dict[str, Any]]:
    """Measure both writers on the same n flows."""
    flows = made_flows(n)
    release = as_published(flows, already_public=True)
    flow_map(release)  # what is read once a process is read
    began = time.perf_counter()
    save_map(flow_map(release), folder / "linemap.html")
    own: dict[str, Any] = {"build": time.perf_counter() - began}
    began = time.perf_counter()
    name = folium_page(flows, folder / "folium.html")
    other: dict[str, Any] = {"build": time.perf_counter() - began}
    began = time.perf_counter()
    folium_page(flows, folder / "bare.html", told=BARE)
    bare = {"build": time.perf_counter() - began, "size": (folder / "bare.html").stat().st_size}
    pages = ((own, "linemap.html"), (other, "folium.html"))
    times: dict[str, list[tuple[float, float]]] = {"linemap.html": [], "folium.html": []}
    for turn in range(TURNS if n <= 10_000 else 1):
        for found, file in pages:
            page = opened(browser)
            page.add_init_script(CLOCK)
            page.goto((folder / file).as_uri())
            times[file].append((until(page, "readyAt"), until(page, "completeAt")))
            if turn == 0 and (found is own or n <= 10_000):
                found |= acted(page, name)
            found["heap"] = page.evaluate("performance.memory.usedJSHeapSize")
            page.close()
    for found, file in pages:
        found["size"] = (folder / file).stat().st_size
        found["ready"], found["whole"] = (
            median(moments) for moments in zip(*times[file], strict=True)
        )
    return {"linemap": own, "folium": other, "folium, names and counts only": bare}


def rows_of(n: int, found_by: dict[str, dict[str, Any]]) -> list[str]:
    """Write the measurements as rows of a Markdown table."""
    rows = []
    for name, found in found_by.items():
        cells = [name, f"{n:,}", f"{found['build']:.2f} s", f"{found['size'] / 1e6:.2f} MB"]
        cells += [f"{found[key]:.2f} s" if key in found else "-" for key in ("ready", "whole")]
        for what in ("zoom", "pan", "filter"):
            act = found.get(what)
            cells.append(
                f"{act['fps']:.0f}/s, {act['longest']:.0f} ms, {act['complete'] / 1000:.2f} s"
                if act
                else "-"
            )
        cells.append(f"{found['heap'] / 1e6:.0f} MB" if "heap" in found else "-")
        rows.append("| " + " | ".join(cells) + " |")
    own, other = found_by["linemap"], found_by["folium"]
    ratios = [f"{other[key] / own[key]:.1f} x" for key in ("build", "size", "ready", "whole")]
    rows.append(f"| folium / linemap | {n:,} | {' | '.join(ratios)} | | | | |")
    return rows


HEADINGS = (
    "writer", "flows", "build and save", "file", "ready", "picture complete",
    "zoom: frames, longest, complete after", "pan", "filter", "script memory",
)  # fmt: skip


def main(sizes: list[int]) -> None:
    """Measure and print."""
    print("| " + " | ".join(HEADINGS) + " |")
    print("| --- " * len(HEADINGS) + "|")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
        opened(browser).goto("about:blank")  # the browser is awake before either is measured
        for n in sizes:
            print("\n".join(rows_of(n, measure(n, browser, Path(folder)))), flush=True)
        browser.close()


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [10_000])
