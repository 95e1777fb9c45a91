"""Write one release folder whole or not at all, its manifest, and the private folder beside it."""

from __future__ import annotations

from linemap.release.contents import Drawing
from linemap.release.drawings import BRIEFS, MAP, draw_release, drawing_names
from linemap.release.filenames import file_names, safe_file_name
from linemap.release.locking import locked
from linemap.release.manifest import MANIFEST, read_manifest
from linemap.release.place import Place
from linemap.release.private import (
    Private,
    prepare_private,
    private_folder,
    write_private_table,
)
from linemap.release.release import (
    ReadRelease,
    Written,
    read_release,
    verify_release,
    write_release,
)

__all__ = [
    "BRIEFS",
    "MANIFEST",
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
    "read_manifest",
    "read_release",
    "safe_file_name",
    "verify_release",
    "write_private_table",
    "write_release",
]
