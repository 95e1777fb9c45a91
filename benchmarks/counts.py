"""Count what one build does: files read and hashed, questions geocoded, pairs measured.

    python benchmarks/counts.py    # 300 simulated records; writes a line a count

The system's audit hook sees every file that Python opens; functions are counted by their calls.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import linemap as lm
from linemap import auditing, distance, figures, flows, geocoding, io, maps, pipeline, release

ROWS: Final = 300
COUNTED: Final[tuple[Callable[..., Any], ...]] = (
    io.checksum,
    io.fingerprint,
    geocoding.geocode,
    flows.measure_pairs,
    lm.reach,
)
LOADED: Final = (auditing, distance, figures, maps, release)  # so that their names are seen


def count_calls(calls: Counter[str]) -> None:
    """Replace each counted function, wherever a module of linemap names it, by one that counts."""
    for function in COUNTED:

        def counting(*given: Any, _of: Callable[..., Any] = function, **named: Any) -> Any:
            calls[_of.__name__] += 1
            return _of(*given, **named)

        for module in list(sys.modules.values()):
            if getattr(module, "__name__", "").startswith("linemap."):
                for name, value in list(vars(module).items()):
                    if value is function:
                        setattr(module, name, counting)


def main() -> None:
    """Build once and write the counts."""
    calls: Counter[str] = Counter()
    read: Counter[str] = Counter()

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(given[0], str | Path):
            is_reading = given[1] is None or "r" in given[1]
            path = str(given[0])
            if is_reading and path.endswith((".csv", ".parquet", ".json", ".gpkg", ".xlsx")):
                read[Path(path).name] += 1

    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "records.csv"
        gazetteer = lm.Gazetteer.load()
        lm.simulate_records(ROWS, gazetteer=gazetteer, seed=1).to_csv(table, index=False)
        count_calls(calls)
        sys.addaudithook(hook)
        pipeline.build(table, out=Path(folder) / "out")
    for name, times in sorted(calls.items()):
        print(f"{name}: {times}")
    print(f"files read: {len(read)}, opened to be read {read.total()} times")
    print(", ".join(f"{name} {times}" for name, times in read.most_common() if times > 1))


if __name__ == "__main__":
    main()
