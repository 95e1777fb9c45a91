"""The commands that need no table of the user's own: doctor, demo, simulate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from linemap.cli.shell import NOT_WRITTEN, say, typed
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
    say(f"Written to {out}: {rows:,} simulated records; none of them is of a person.")
    say(f"Next: {typed('linemap', 'check', out)}")
