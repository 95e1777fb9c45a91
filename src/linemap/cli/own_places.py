"""The command that makes a gazetteer of a user's own lists and boundaries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from linemap.cli.shell import say, warn


def build_gazetteer(
    out: Annotated[Path, typer.Option("--out", help="The Parquet file to write.")],
    layer: Annotated[
        list[str] | None,
        typer.Option(
            "--layer",
            help="A file of places: FILE,level=district,name=NAME,code=CODE. Repeatable.",
        ),
    ] = None,
    os_open_names: Annotated[
        Path | None, typer.Option(help="The unpacked folder of OS Open Names.")
    ] = None,
    geonames: Annotated[Path | None, typer.Option(help="GB.txt of GeoNames.")] = None,
    alternates: Annotated[
        Path | None, typer.Option(help="alternateNames.txt of GeoNames, with --geonames.")
    ] = None,
    ons_ipn: Annotated[
        Path | None, typer.Option(help="The CSV of the ONS Index of Place Names.")
    ] = None,
    postcode_districts: Annotated[
        bool, typer.Option("--postcode-districts", help="Add the postcode districts.")
    ] = False,
) -> None:
    """Join your own places to the shipped ones, and write them as one file."""
    import warnings

    from linemap.gazetteer import Gazetteer, parse_layer

    if not (layer or os_open_names or geonames or ons_ipn):
        raise typer.BadParameter("Give --layer, --os-open-names, --geonames or --ons-ipn.")
    if alternates is not None and geonames is None:
        raise typer.BadParameter("--alternates needs --geonames.")
    if out.suffix.lower() != ".parquet":
        raise typer.BadParameter(f"--out names a Parquet file: {out.stem or out.name}.parquet.")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", UserWarning)
        made = Gazetteer.load()
        if layer:
            own = Gazetteer.from_files(*(parse_layer(text) for text in layer))
            made = own.with_shipped_settlements()
    for warning in dict.fromkeys(str(one.message) for one in told):
        warn(f"Warning: {warning.partition(' To have both')[0]}")
    if geonames is not None:
        made = Gazetteer.from_geonames(geonames, alternates=alternates, base=made)
    if os_open_names is not None:
        made = Gazetteer.from_os_open_names(os_open_names, base=made)
    if ons_ipn is not None:
        made = Gazetteer.from_ons_ipn(ons_ipn, base=made)
    if postcode_districts:
        made = made.with_postcode_districts()
    say(repr(made).strip("<>"))
    say(f"Written to {made.save(out)}")
