"""Write one release folder whole or not at all, its manifest, and the private folder beside it."""

from __future__ import annotations

from linemap.report.contents import Drawing
from linemap.report.drawings import MAP, draw_release, drawing_names
from linemap.report.filenames import file_names, safe_file_name
from linemap.report.locking import locked
from linemap.report.place import Place
from linemap.report.private import (
    Private,
    prepare_private,
    private_folder,
    write_private_table,
)
from linemap.report.release import (
    ReadRelease,
    Written,
    read_release,
    verify_release,
    write_release,
)

__all__ = [
    "MAP",
    "Drawing",
    "Place",
    "Private",
    "ReadRelease",
    "Written",
    "draw_release",
    "drawing_names",
    "file_names",
    "locked",
    "prepare_private",
    "private_folder",
    "read_release",
    "safe_file_name",
    "verify_release",
    "write_private_table",
    "write_release",
]
