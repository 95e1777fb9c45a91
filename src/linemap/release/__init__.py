"""Write one release folder whole or not at all, its manifest, and the private folder beside it.

- `write`: a release written as one folder, and read back.
- `writers`: CSV, the workbook, the data dictionary.
- `spatial`: GeoParquet, GeoPackage, GeoJSON.
- `manifest`: the manifest and its check.
- `folder`: the folder that may leave, put in place whole, and the private one.
"""

from __future__ import annotations

from linemap.release.folder import (
    OutputFolder,
    Private,
    keeps_git_out,
    mark_withdrawn,
    note_in_private,
    noted_of,
    prepare_private,
    private_folder,
    write_private_table,
)
from linemap.release.manifest import MANIFEST, WITHDRAWN, read_manifest, versions
from linemap.release.write import (
    BRIEFS,
    MAP,
    Drawing,
    ReadRelease,
    Written,
    draw_release,
    drawing_names,
    read_release,
    verify_release,
    write_release,
)
from linemap.release.writers import dictionary_text, file_names, safe_file_name

__all__ = [
    "BRIEFS",
    "MANIFEST",
    "MAP",
    "WITHDRAWN",
    "Drawing",
    "OutputFolder",
    "Private",
    "ReadRelease",
    "Written",
    "dictionary_text",
    "draw_release",
    "drawing_names",
    "file_names",
    "keeps_git_out",
    "mark_withdrawn",
    "note_in_private",
    "noted_of",
    "prepare_private",
    "private_folder",
    "read_manifest",
    "read_release",
    "safe_file_name",
    "verify_release",
    "versions",
    "write_private_table",
    "write_release",
]
