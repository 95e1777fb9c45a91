"""How the pages of this folder become a site: `sphinx-build -W -b html docs docs/_build`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import linemap

HERE = Path(__file__).parent
project = "linemap"
author = "the linemap team"
project_copyright = "2026, the linemap team"
version = release = linemap.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
]
html_theme = "pydata_sphinx_theme"
html_theme_options = {"show_prev_next": False, "navigation_depth": 2}
html_show_sourcelink = False
html_sidebars = {"*": []}  # a page of its own has no section to walk through
exclude_patterns = ["_build", "jupyter_execute", "*.py"]
myst_heading_anchors = 3

# The notebooks are kept without output. LINEMAP_DOCS_NOTEBOOKS=auto runs them for the site.
nb_execution_mode = os.environ.get("LINEMAP_DOCS_NOTEBOOKS", "off")
nb_execution_timeout = 180
nb_execution_raise_on_error = True
shutil.rmtree(HERE / "notebooks", ignore_errors=True)
shutil.copytree(HERE.parent / "notebooks", HERE / "notebooks")

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
napoleon_google_docstring = False
napoleon_use_rtype = False
