"""The commands that read no table of records: on releases, on the machine, examples, gazetteers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from linemap.cli.options import Ledgers, PostcodeDistricts, Stations, options_typed
from linemap.cli.shell import (
    MAY_NOT_LEAVE,
    NOT_WRITTEN,
    STOPPED,
    Stopped,
    say,
    telling,
    typed,
    visible,
    warn,
)
from linemap.errors import OutputError


def audit(
    folder: Annotated[Path, typer.Argument(help="A folder that linemap build has written.")],
    *,
    ledger: Annotated[
        Path | None, typer.Option(help="The ledger of earlier releases of the same records.")
    ] = None,
    gazetteer: Annotated[
        Path | None, typer.Option(help="The gazetteer that the release was built with.")
    ] = None,
    stations: Stations = False,
    postcode_districts: PostcodeDistricts = False,
) -> None:
    """Attack a release as an outsider would; fail if it tells more than its rule allows."""
    from linemap import pipeline

    places = pipeline.PlaceOptions(
        gazetteer=gazetteer, stations=stations, postcode_districts=postcode_districts
    )
    with telling() as tell:
        report = pipeline.audit_folder(folder, ledger=ledger, places=places, tell=tell)
    say(str(report))
    if not report.passed:
        raise typer.Exit(MAY_NOT_LEAVE)


def review_release(
    folder: Annotated[Path, typer.Argument(help="A folder that linemap build has written.")],
    *,
    ledger: Annotated[
        Path | None, typer.Option(help="The ledger of earlier releases of the same records.")
    ] = None,
) -> None:
    """Print the record for whoever signs a release off: which rule acted on which table."""
    from linemap.auditing import review_release as review

    record = review(folder, ledger=ledger)
    say(str(record))
    if not record.report.passed:
        raise typer.Exit(MAY_NOT_LEAVE)


def withdraw(
    folder: Annotated[Path, typer.Argument(help="A release that has never left the building.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; the ledger keeps it.")] = "",
    ledgers: Ledgers = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Nobody outside has received it: do not ask.")
    ] = False,
) -> None:
    """Withdraw a release, so that it binds no later one; only if nobody has received it."""
    from linemap import pipeline

    found = pipeline.find_withdrawal(folder, ledgers=ledgers)
    called = visible(f"{found.release} in {folder}")
    gone = "" if found.holds else ", which the folder no longer holds"
    if not yes and not _agreed(
        f"Has nobody outside received {called}{gone}? If somebody has, it and the next "
        "release can be subtracted from each other, and nothing can take it back. Withdraw it"
    ):
        warn("Not withdrawn: it binds later releases as before.")
        raise typer.Exit(STOPPED)
    written = pipeline.withdraw(folder, reason=reason, ledgers=ledgers)
    marked = "; the folder is marked, and an audit refuses it" if found.holds else ""
    say(f"Withdrawn: {called}. It binds no later release{marked}. Recorded in {written}.")
    if found.others:
        number, last = len(found.others), found.others[0]
        bind = "1 earlier one still binds" if number == 1 else f"{number} earlier ones still bind"
        again = typed("linemap", "withdraw", folder, *options_typed((("--ledgers", ledgers),)))
        say(f"Of that name, {bind}: the last is {last}.")
        say(f"Next, if nobody has received it either: {again}")


def _agreed(question: str) -> bool:
    """Ask the user; without a terminal to ask at, name the option that answers."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        if sys.stdin.isatty():
            raise Stopped from None
        warn("")
        raise typer.BadParameter(
            "There is no terminal to ask at. If nobody outside has received it, say --yes."
        ) from None


def restore_ledger(
    folder: Annotated[Path, typer.Argument(help="A release whose ledger is lost.")],
    *,
    series: Annotated[
        str | None, typer.Option(help="The name of the ledger; by default that of the folder.")
    ] = None,
    ledgers: Ledgers = None,
) -> None:
    """Make a lost ledger again from what a release shows."""
    from linemap import pipeline

    written = pipeline.restore_ledger(folder, series=series, ledgers=ledgers)
    say(f"{written} now holds what {folder} shows.")


def brief(
    folder: Annotated[Path, typer.Argument(help="A release folder that linemap build wrote.")],
    *,
    origin: Annotated[
        str | None, typer.Option(help="A brief of one origin, by name or identifier: Islington.")
    ] = None,
    destination: Annotated[
        str | None, typer.Option(help="A brief of one destination, by name or identifier: Norfolk.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write, .html or .pdf; by default both, beside the folder."),
    ] = None,
    gazetteer: Annotated[
        Path | None, typer.Option(help="The gazetteer of your own that the release was built with.")
    ] = None,
) -> None:
    """Write two or three pages to read and print, of a release, one origin or one destination."""
    from linemap import briefing
    from linemap.auditing import rebuild_release
    from linemap.gazetteer import Gazetteer
    from linemap.release import read_manifest, safe_file_name

    if origin is not None and destination is not None:
        raise typer.BadParameter("Give --origin or --destination, not both.")
    if out is not None and out.suffix.lower() not in (".html", ".pdf"):
        raise typer.BadParameter(f"--out names an HTML or PDF file: {out.stem or out.name}.html.")
    places = Gazetteer.load(gazetteer)
    release = rebuild_release(folder, places)
    asked = origin if origin is not None else destination
    made = briefing.brief(
        release,
        origin=origin,
        destination=destination,
        title=str(read_manifest(folder)["title"]) if asked is None else None,
        gazetteer=places,
    )
    end = "" if asked is None else f"-{safe_file_name(asked)}"
    beside = folder.resolve()
    targets = [out] if out is not None else [
        beside.with_name(f"{beside.name}-brief{end}{kind}") for kind in (".html", ".pdf")
    ]  # fmt: skip
    for target in targets:
        say(f"Written to {made.save(target)}")


def matrix(
    folder: Annotated[Path, typer.Argument(help="A release folder that linemap build wrote.")],
    *,
    measure: Annotated[
        str | None, typer.Option(help="The measure to take, if there are several.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The CSV to write; by default one beside the folder.")
    ] = None,
    gazetteer: Annotated[
        Path | None, typer.Option(help="The gazetteer of your own that the release was built with.")
    ] = None,
) -> None:
    """Write the origin-destination matrix of what a release shows, as CSV; empty is not zero."""
    from linemap import schema
    from linemap.auditing import rebuild_release
    from linemap.errors import InputError
    from linemap.flows import to_matrix
    from linemap.gazetteer import Gazetteer
    from linemap.io import write_output
    from linemap.records import neutralise

    if out is not None and out.suffix.lower() != ".csv":
        raise typer.BadParameter(f"--out names a CSV: {out.stem or out.name}.csv.")
    places = Gazetteer.load(gazetteer)
    release = rebuild_release(folder, places)
    beside = folder.resolve()
    target = out if out is not None else beside.with_name(f"{beside.name}-matrix.csv")
    together = release.views.get(schema.WHERE_TO)
    views = {"": release.flows} | ({} if together is None else {"-all-origins": together})
    known = sorted(set(release.flows[schema.MEASURE].dropna()))
    if measure is not None and measure not in known:
        raise InputError(f"The release has no measure {measure!r}. It has {', '.join(known)}.")
    for end, view in views.items():
        flows = view if measure is None else view[view[schema.MEASURE] == measure]
        cells = to_matrix(flows).rename(index=neutralise, columns=neutralise)
        content = cells.to_csv(lineterminator="\r\n").encode("utf-8-sig")
        path = target.with_name(f"{target.stem}{end}.csv")
        say(f"Written to {write_output(path, content)}")
    say("An empty cell has no count that is shown, which is not zero; the others are sums of")
    say("what is shown, over all windows and groups.")
    if together is not None:
        say("The two files are of the same records: never add or subtract between them.")


# ── The machine, examples to try, and a gazetteer of one's own ────────────────────────────


def doctor(
    folder: Annotated[
        Path, typer.Argument(help="The folder in which releases are to be written.")
    ] = Path(),
) -> None:
    """Check whether linemap can work here: versions, fonts, rights to write, a small release."""
    from linemap import pipeline

    bad = 0
    for examined in pipeline.examine(folder):
        say(str(examined))
        bad += not examined.is_fine
    if bad:
        say(f"{bad} of these {'needs' if bad == 1 else 'need'} correcting before you build.")
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
