"""Write docs/data-dictionary.md: every column that a release can have."""

from __future__ import annotations

from pathlib import Path

from linemap.release import dictionary_text

PAGE = Path(__file__).parent / "data-dictionary.md"

if __name__ == "__main__":
    PAGE.write_text(dictionary_text(), encoding="utf-8")
