"""The commands that need no table of records: doctor, demo, simulate, gazetteer build."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from linemap.cli.shell import NOT_WRITTEN, say, typed, warn
from linemap.errors import OutputError


def doctor(
    folder: Annotated[
        Path, typer.Argument(help="The folder in which releases are to be written.")
    ] = Path(),
) -> None:
    """Say whether linemap can work here: versions, fonts, rights to write, a small release."""
    from linemap import pipeline

    bad = 0
    for examined in pipeline.examine(folder):
        say(str(examined))
        bad += not examined.is_fine
    if bad:
        say(f"{bad} of these {'needs' if bad == 1 else 'need'} mending before you build.")
        raise typer.Exit(NOT_WRITTEN)
    say("Everything that a build needs is here. Next: linemap demo linemap-demo")


def demo(
    folder: Annotated[Path, typer.Argument(help="The folder to write; it must not exist yet.")],
) -> None:
    """Write the notebooks and an invented table to try everything with."""
    from linemap import pipeline

    written = pipeline.write_demonstration(folder)
    for path in written:
        say(str(path))
    say("The referrals are invented; the statements are published figures.")
    say(f"Next: {typed('linemap', 'check', folder / pipeline.EXAMPLE)}")
    say(f"Or, with the extra linemap[notebook]: {typed('jupyter', 'lab', folder)}")


def simulate(
    out: Annotated[Path, typer.Argument(help="The CSV to write; it must not exist yet.")],
    *,
    rows: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many records.")] = 1_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same table.")] = 1,
) -> None:
    """Write an invented table of records, drawn from published totals; each row says so."""
    from linemap.io import write_output
    from linemap.simulate import simulate_table

    if out.suffix.lower() != ".csv":
        raise typer.BadParameter(f"The table is a CSV: {out.stem or out.name}.csv.")
    if out.exists():
        raise OutputError(f"{out} exists. Give the table another name.")
    table = simulate_table(rows, seed=seed)
    write_output(out, table.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"))
    say(
        f"Written to {out}: {rows:,} simulated records; none of them is of a person, and "
        "how fast they thin out with distance is assumed."
    )
    say(f"Next: {typed('linemap', 'check', out)}")


# ── The command that makes a gazetteer of a user's own lists and boundaries ─────────────────
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
