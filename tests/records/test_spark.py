"""A cluster of a master and two workers gives the result of one machine, whatever happens to it."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from linemap import schema
from linemap.records import EngineOptions, Reading, ReadOptions, read

pyspark = pytest.importorskip("pyspark")
pytestmark = pytest.mark.spark

HEADINGS = ("Home borough", "Place found", "Date", "Count", "Age band")
POOLS = (
    ("Islington", "islington ", "Hackney", ""),
    ("Norwich", " NORWICH", "unknown", "", "Bath", "MÃ´n", "said so"),
    ("2024-01-05", "05/01/2024", "2024-02", "", "soon"),
    ("1", " 3", "0", "two", ""),
    ("14-17", "under 14", ""),
)


def started(role: str, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a master or a worker in a process group of its own, on loopback alone."""
    home = Path(pyspark.__file__).parent
    command = [home / "bin/spark-class", f"org.apache.spark.deploy.{role.lower()}.{role}"]
    settings = {
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(log),
    }
    with (log / f"{role}-{len(arguments)}-{random.random()}.log").open("wb") as told:  # noqa: S311 - a name, no secret
        return subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--webui-port", "0", *arguments],
            stdout=told,
            stderr=told,
            start_new_session=True,
            env={**os.environ, **settings},
        )


def said(folder: Path, pattern: str, times: int = 1) -> str:
    """Wait until the logs of a folder say something so many times, and return the last."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        texts = "".join(path.read_text(errors="replace") for path in folder.glob("*.log"))
        found = re.findall(pattern, texts)
        if len(found) >= times:
            return str(found[-1])
        time.sleep(0.2)
    raise TimeoutError(pattern)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    log = tmp_path_factory.mktemp("cluster")
    processes = [started("Master", log, "--port", "0")]
    try:
        url = said(log, r"Starting Spark master at (spark://\S+)")
        worker = ("-c", "1", "-m", "700m", url)
        processes += [started("Worker", log, *worker) for _ in range(2)]
        said(log, "Successfully registered with master", 2)
        yield url, processes[1:]
    finally:
        for process in processes:
            stop(process)


def made(rows: int, seed: int = 7) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    columns = [rng.choice(np.array(pool, dtype=object), rows) for pool in POOLS]
    return pd.DataFrame(dict(zip(HEADINGS, columns, strict=True)))


def counted(reading: Reading) -> pd.DataFrame:
    """Add up what is alike: the same of every engine, however it groups."""
    frame = reading.frame.assign(rows=reading.alike)
    keys = [c for c in frame if c not in (schema.ROW, schema.COUNT, schema.ROWS_ALIKE, "rows")]
    groups = frame.groupby(keys, dropna=False, sort=True)[[schema.COUNT, "rows"]].sum()
    return groups.reset_index().sort_values(keys, ignore_index=True)


def refusals(reading: Reading) -> dict[str, int]:
    rows = reading.refused.get(schema.ROWS_ALIKE, pd.Series(1, reading.refused.index))
    return rows.groupby(reading.refused["problem"]).sum().to_dict()


def options(engine: EngineOptions) -> ReadOptions:
    return ReadOptions(tags=("Age band",), allow_refused=True, engine=engine)


def test_a_cluster_that_loses_a_worker_gives_the_result_of_one_machine(cluster, tmp_path):
    url, workers = cluster
    frame, whole, parts = made(24_000), tmp_path / "whole.csv", tmp_path / "parts"
    frame.to_csv(whole, index=False)
    parts.mkdir()
    for at in range(12):
        frame.iloc[2_000 * at : 2_000 * (at + 1)].to_parquet(
            parts / f"{at:02}.parquet", index=False
        )
    expected = read(whole, "records", options(EngineOptions(engine="pandas")))
    assert len(expected.refused) > 1_000
    killed = threading.Event()

    def kill() -> None:
        for _ in range(600):
            context = pyspark.SparkContext._active_spark_context
            if context is not None and context.statusTracker().getActiveStageIds():
                stop(workers[0])
                killed.set()
                return
            time.sleep(0.05)

    killer = threading.Thread(target=kill)
    killer.start()
    on_spark = EngineOptions(engine="spark", master=url, memory="512MB")
    found = read(parts, "records", options(on_spark))
    killer.join()
    assert killed.is_set()
    assert workers[0].poll() is not None
    pd.testing.assert_frame_equal(counted(found), counted(expected))
    assert found.rows == expected.rows
    assert refusals(found) == refusals(expected)
    assert set(found.refused["file"]) == {f"{at:02}.parquet" for at in range(12)}
    of_csv = read(whole, "records", options(on_spark))
    pd.testing.assert_frame_equal(counted(of_csv), counted(expected))
    assert refusals(of_csv) == refusals(expected)
