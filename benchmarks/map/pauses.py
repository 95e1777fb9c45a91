"""Measure how soon the page is ready and how long it blocks, at the sizes of ordinary releases.

    python benchmarks/map/pauses.py 100 300 600 1200 10000

Each size is opened on every pair (the heaviest picture) and as it opens by
itself, at 1920x1080: on plain pixels, on doubled pixels, and on doubled pixels
with the processor slowed four times. A pause is the longest gap between two
beats of a timer, from the navigation until the picture is complete; on a machine that does
other work as well it is longer than the page makes it, so that the last column has the time
of the processor that the longest task took, from a trace of its own.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from made import made_release
from playwright.sync_api import Browser, sync_playwright

from linemap.maps import flow_map, save_map

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WAYS = (("plain", 1, 1), ("doubled", 2, 1), ("doubled, slowed 4 times", 2, 4))
PICTURES = (("as it opens", ""), ("every pair", "#picture=pairs"))
TURNS = 3

BEAT = """(() => {
  window.longest = 0;
  let last = performance.now();
  const beat = setInterval(() => {
    const now = performance.now();
    window.longest = Math.max(window.longest, now - last);
    last = now;
    const map = window.linemap && linemap.maps[0];
    if (map && !window.readyAt) window.readyAt = now;
    if (map && map.complete) { window.completeAt = now; clearInterval(beat); }
  }, 5);
})()"""


def opened(browser: Browser, address: str, ratio: int, slowed: int) -> dict[str, float]:
    """Open the page once, and tell when it was ready, complete, and its longest pause, in ms."""
    context = browser.new_context(
        viewport={"width": 1920, "height": 1080}, device_scale_factor=ratio
    )
    page = context.new_page()
    page.set_default_timeout(300_000)
    if slowed > 1:
        session: Any = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    page.add_init_script(BEAT)
    page.goto(address)
    while not page.evaluate("window.completeAt || 0"):
        page.wait_for_timeout(20)
    found = {key: float(page.evaluate(f"window.{key}")) for key in KEYS}
    context.close()
    return found


def longest_task(browser: Browser, address: str) -> float:
    """Open the page once on plain pixels; the processor's time, in ms, of its longest task."""
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.set_default_timeout(300_000)
    page.add_init_script(BEAT)
    browser.start_tracing(page=page, categories=["toplevel"])
    page.goto(address)
    while not page.evaluate("window.completeAt || 0"):
        page.wait_for_timeout(20)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.close()
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return max(
        event.get("tdur", 0) / 1000
        for event in events
        if "RunTask" in event["name"] and (event["pid"], event["tid"]) in threads
    )


KEYS = ("readyAt", "completeAt", "longest")


def main(sizes: list[int]) -> None:
    """Measure and print a table."""
    print("| flows | picture | screen | ready | complete | longest pause | longest task |")
    print("| --- " * 7 + "|")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
        for n in sizes:
            file = save_map(flow_map(made_release(n)), Path(folder) / "map.html")
            for picture, hash_ in PICTURES:
                task = median(longest_task(browser, file.as_uri() + hash_) for _ in range(TURNS))
                for way, ratio, slowed in WAYS:
                    turns = [
                        opened(browser, file.as_uri() + hash_, ratio, slowed) for _ in range(TURNS)
                    ]
                    ready, complete, longest = (median(one[key] for one in turns) for key in KEYS)
                    print(
                        f"| {n:,} | {picture} | {way} | {ready:.0f} ms | {complete:.0f} ms "
                        f"| {longest:.0f} ms | {f'{task:.0f} ms' if way == 'plain' else ''} |",
                        flush=True,
                    )
        browser.close()


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [100, 300, 600, 1_200, 10_000])
