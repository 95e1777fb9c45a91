"""Take the README's picture: the real map, built by linemap, opened in Chromium."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import linemap as lm

ROOT = Path(__file__).parents[1]
TITLE = "Where young people from London were found or linked to"


def main() -> None:
    """Build the map of the published statements and photograph it."""
    chromium = shutil.which("chromium") or sys.exit("Chromium is needed to take a picture.")
    flows = lm.build_flows(lm.read_statements(ROOT / "data/raw/published_statements.csv"))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = lm.save_map(
            lm.flow_map(lm.as_published(flows), title=TITLE), Path(folder) / "map.html"
        )
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(page_file.as_uri())
        page.wait_for_timeout(2000)
        page.screenshot(path=str(ROOT / "docs/map.png"))
        browser.close()


if __name__ == "__main__":
    main()
