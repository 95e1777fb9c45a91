"""A map as a widget of a notebook: what is chosen on it is a frame in the next cell, and back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import geopandas as gpd

from linemap import schema, style
from linemap.disclosure import Release, require_release
from linemap.errors import InputError, MissingLibraryError
from linemap.gazetteer import Gazetteer
from linemap.maps.drawing import TITLE, flow_map
from linemap.maps.folium_map import FlowMap, still_block
from linemap.maps.page import write_frame

_LONGEST = 8_000  # letters of a state
_SCRIPT = "explorer.js"  # built from js/ by `npm run build`


def explore(
    release: Release,
    *,
    title: str = TITLE,
    subtitle: str = "",
    notes: Sequence[str] = (),
    colour_by: style.ColourBy = "origin",
    gazetteer: Gazetteer | None = None,
) -> Any:
    """Show a release in a notebook as a map that the next cells can read and steer.

    Returns a widget. ``widget.place`` is the place_id that is chosen ("" for none),
    ``widget.state`` all that is chosen as a map's link has it ("place=county:norfolk"),
    ``widget.view`` the view that is shown ("where to" or "who sends"), and ``widget.flows``
    the flows of that view that the choice leaves, as a frame. `place` and `state` may be
    set. The page stands in a frame without an origin, under a policy of its own, and loads nothing.
    Where no widget runs (in a notebook that is not trusted, or in an exported one), the still
    picture and the table stand in its place.

    Raises
    ------
    DisclosureError
        For anything but a Release.
    MissingLibraryError
        Without anywidget, which the extra ``notebook`` brings.
    """
    release = require_release(release)
    explorer = _explorer_class()
    drawn = flow_map(
        release,
        title=title,
        subtitle=subtitle,
        notes=notes,
        colour_by=colour_by,
        gazetteer=gazetteer,
    )
    return explorer(release, drawn)


@cache
def _explorer_class() -> Any:
    """Make the class of the widget; its base is a library that only notebooks have."""
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise MissingLibraryError("anywidget", extra="notebook") from error

    class Explorer(anywidget.AnyWidget):
        """A map in a notebook; see :func:`linemap.explore`."""

        _esm = (resources.files("linemap.maps") / "assets" / _SCRIPT).read_text(encoding="utf-8")
        _page = traitlets.Unicode().tag(sync=True)
        place = traitlets.Unicode().tag(sync=True)
        state = traitlets.Unicode().tag(sync=True)
        view = traitlets.Unicode().tag(sync=True)
        flow_ids = traitlets.List(traitlets.Unicode()).tag(sync=True)

        def __init__(self, release: Release, drawn: FlowMap) -> None:
            # before what is synchronised: each value is checked against the release
            self.release = release
            self._still = drawn.still
            self._frames = {"": release.flows, schema.WHO_SENDS: release.flows, **release.views}
            ids = release.flows[schema.FLOW_ID].tolist()
            super().__init__(_page=write_frame(drawn.payload), view=schema.WHO_SENDS, flow_ids=ids)

        @property
        def flows(self) -> gpd.GeoDataFrame:
            """Return the flows of the view that is shown that the choice leaves."""
            frame = self._frames[self.view]
            return frame[frame[schema.FLOW_ID].isin(self.flow_ids)].reset_index(drop=True)

        @traitlets.validate("state")
        def _check_state(self, proposal: Any) -> str:
            if len(proposal["value"]) > _LONGEST:
                raise InputError(f"A state has at most {_LONGEST:,} letters.")
            return str(proposal["value"])

        @traitlets.validate("view")
        def _check_view(self, proposal: Any) -> str:
            if proposal["value"] not in self._frames:
                raise InputError(f"There is no view {proposal['value']!r} of this release.")
            return str(proposal["value"])

        @traitlets.validate("place")
        def _check_place(self, proposal: Any) -> str:
            value = str(proposal["value"])
            if value and value not in self.release.places.index:
                raise InputError(
                    f"{value!r} is no place of this release. widget.release.places lists them."
                )
            return value

        def _ipython_display_(self) -> None:
            """Show the still picture and the table, which the widget hides once it is alive."""
            from IPython.display import HTML, display  # only a notebook has it

            bundle = self._repr_mimebundle_()
            display(HTML(still_block(self._still)))  # type: ignore[no-untyped-call]
            if bundle is not None:
                display(bundle[0], raw=True)  # type: ignore[no-untyped-call]

    return Explorer
