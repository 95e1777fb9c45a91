"""What a caller's own elements add to a page stands in it once, and under its policy."""

from __future__ import annotations

import base64
import hashlib

from linemap.maps.page import Extra, write_page

SCRIPT = "\nlet mine = 1;\nmine += 1;\n"
STYLE = "\np { color: teal; }\n"


def listed(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def test_scripts_and_styles_of_a_caller_are_moved_and_allowed() -> None:
    extra = Extra(
        header=f"<style>{STYLE}</style>",
        html=f'<p>A note.</p><SCRIPT type="module">{SCRIPT}</SCRIPT >',
        script="mine_too();",
        map_name="map_1",
    )
    page = write_page({"title": "t"}, extra)
    policy = page.split('Content-Security-Policy" content="', 1)[1].split('"', 1)[0]
    scripts = policy.split("script-src ", 1)[1].split(";", 1)[0]
    assert listed(SCRIPT) in scripts
    assert listed("var map_1 = linemap.maps[0].leaflet;\nmine_too();") in scripts
    assert listed(STYLE) in policy.split("style-src ", 1)[1].split(";", 1)[0]
    assert page.count(SCRIPT) == page.count(STYLE) == page.count("<p>A note.</p>") == 1
    assert "<SCRIPT" not in page
    assert page.index(STYLE) < page.index("<body>") < page.index("A note.") < page.index(SCRIPT)
