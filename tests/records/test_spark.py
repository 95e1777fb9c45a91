"""A cluster of a master and two workers gives the result of one machine, whatever happens to it.

The tests start the cluster on this machine, on its loopback address. Java 17 and PySpark are
needed: `make spark`.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from linemap import cli
from linemap.flows import build_flows
from linemap.pipeline import building
from linemap.records import EngineOptions, ReadOptions, read
from linemap.release import draw_release

pyspark = pytest.importorskip("pyspark")
pytestmark = [pytest.mark.spark, pytest.mark.slow]

TAG = "Age band"
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # starts soonest
WAIT_S = 120.0  # for what the cluster does, on a machine that is busy
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": JAVA,
    "spark.executor.extraJavaOptions": JAVA,
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
    "spark.sql.files.openCostInBytes": "128m",  # a task a file
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.showConsoleProgress": "false",
}


@dataclass
class Cluster:
    """A standalone cluster, each of its processes in a group of its own."""

    folder: Path
    url: str = ""
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    killed: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, role: str, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a master or a worker that listens on loopback alone."""
        home = Path(pyspark.__file__).parent
        command = [home / "bin/spark-class", f"org.apache.spark.deploy.{role.lower()}.{role}"]
        (self.folder / name).mkdir()
        with (self.folder / f"{name}.log").open("wb") as told:
            process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--webui-port", "0", *arguments],
                stdout=told,
                stderr=told,
                start_new_session=True,
                env={
                    **os.environ,
                    "SPARK_HOME": str(home),
                    "SPARK_DAEMON_JAVA_OPTS": JAVA,
                    "SPARK_DAEMON_MEMORY": "256m",
                    "SPARK_WORKER_DIR": str(self.folder / name),
                },
            )
        self.processes.append(process)
        return process

    def start_workers(self, number: int) -> None:
        """Start workers of one core each, and wait until the master knows them."""
        fresh = {
            name: self.start("Worker", name, "-c", "1", "-m", "640m", self.url)
            for name in (f"worker{len(self.workers) + at}" for at in range(number))
        }
        self.workers |= fresh
        for name in fresh:
            said(self.folder / f"{name}.log", "Successfully registered with master")

    def kill_one_at_work(self, tasks: int, over: threading.Event) -> None:
        """Wait until the executor of a worker has begun so many tasks, and kill both."""
        while not over.is_set():
            for name, worker in self.workers.items():
                logs = (self.folder / name).glob("app-*/*/stderr")
                if sum(log.read_text("utf-8").count("Running task") for log in logs) >= tasks:
                    kill(worker)
                    self.killed = name
                    return
            time.sleep(0.02)

    def events(self) -> Iterator[dict[str, Any]]:
        """List what the driver has noted of all applications."""
        for path in sorted((self.folder / "events").rglob("events_*")):
            yield from map(json.loads, path.read_text("utf-8").splitlines())

    def failures(self, reason: str) -> list[dict[str, Any]]:
        """List the attempts at tasks that ended for a reason."""
        ends = (one for one in self.events() if one["Event"] == "SparkListenerTaskEnd")
        return [end for end in ends if end["Task End Reason"]["Reason"] == reason]


def said(log: Path, pattern: str) -> str:
    """Wait until a log says something, and return it."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if found := re.search(pattern, log.read_text(errors="replace")):
            return found[0]
        time.sleep(0.1)
    raise TimeoutError(pattern)


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    there = Cluster(tmp_path_factory.mktemp("cluster"))
    (there.folder / "events").mkdir()
    settings = SETTINGS | {"spark.eventLog.dir": (there.folder / "events").as_uri()}
    lines = [f"{name} {value}\n" for name, value in settings.items()]
    (there.folder / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(there.folder))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        try:
            there.start("Master", "master", "--port", "0")
            told = said(there.folder / "master.log", r"Starting Spark master at spark://\S+")
            there.url = told.rpartition(" ")[2]
            there.start_workers(2)
            yield there
        finally:
            if (gateway := pyspark.SparkContext._gateway) is not None:
                gateway.shutdown()
                gateway.proc.stdin.close()
                gateway.proc.wait(timeout=20)
            for process in there.processes:
                kill(process)


@pytest.fixture
def on_spark(cluster: Cluster) -> EngineOptions:
    return EngineOptions(engine="spark", master=cluster.url, memory="512MB")


def options(engine: EngineOptions) -> ReadOptions:
    return ReadOptions(tags=(TAG,), allow_refused=True, engine=engine)


def in_parts(frame: pd.DataFrame, folder: Path, number: int) -> Path:
    """Write a table as so many Parquet files."""
    folder.mkdir()
    size = -(-len(frame) // number)
    for at in range(number):
        part = frame.iloc[size * at : size * (at + 1)]
        part.to_parquet(folder / f"{at:02}.parquet", index=False)
    return folder


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(
    cluster, on_spark, made, whole, account, tmp_path
):
    frame = made(7, 6_000, messy=True)
    parts = in_parts(frame, tmp_path / "parts", 12)
    expected = read(frame, "records", options(EngineOptions()))
    over = threading.Event()
    killer = threading.Thread(target=cluster.kill_one_at_work, args=(4, over))
    killer.start()
    try:
        found = read(parts, "records", options(on_spark))
    finally:
        over.set()
        killer.join()
    assert cluster.killed
    cluster.start_workers(1)
    assert cluster.failures("ExecutorLostFailure") or cluster.failures("Resubmitted")
    assert whole(found) == whole(expected)
    assert account(found) == account(expected)
    assert set(found.refused["file"]) == {f"{at:02}.parquet" for at in range(12)}
    assert {fault.file for fault in found.faults} == set(found.refused["file"])
    assert not any(fault.row for fault in found.faults)


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support:FutureWarning")
def test_a_task_that_is_retried_changes_nothing_of_a_frame_that_a_session_holds(
    cluster, made, whole, account, tmp_path
):
    def failing(batches: Iterator[Any]) -> Iterator[Any]:
        """Fail in the middle of the first attempt at each task."""
        from pyspark import TaskContext

        yield from batches
        if TaskContext.get().attemptNumber() == 0:
            raise RuntimeError("this attempt is meant to fail")

    frame = made(8, 2_000, messy=True)
    expected = read(frame, "records", options(EngineOptions()))
    plain = frame.loc[frame["Count"].isin(["1", "2", "12"]), frame.columns[[0, 1, 3]]]
    plain = plain.set_axis(["origin", "destination", "count"], axis=1).astype({"count": "int64"})
    parts = [in_parts(one, tmp_path / str(at), 2) for at, one in enumerate((frame, plain))]
    session = pyspark.sql.SparkSession.builder.master(cluster.url).getOrCreate()
    try:
        held = [session.read.parquet(str(part)) for part in parts]
        held = [one.mapInArrow(failing, one.schema) for one in held]
        found = read(held[0], "records", options(EngineOptions()))
        flows = build_flows(held[1], kind="records")
        assert session.range(3).count() == 3  # the caller's session is left running
    finally:
        session.stop()
    retried = cluster.failures("ExceptionFailure")
    assert retried
    assert all("this attempt is meant to fail" in str(one["Task End Reason"]) for one in retried)
    assert whole(found) == whole(expected)
    assert account(found) == account(expected)
    pd.testing.assert_frame_equal(flows, build_flows(plain, kind="records"))


@pytest.mark.parametrize("zone", [None, "Europe/London"])
def test_times_in_nanoseconds_are_the_days_that_other_engines_read(tmp_path, zone, account):
    summer, winter = pd.Timestamp("2024-07-31 23:30:00.000000001"), pd.Timestamp("2024-01-31 23:30")
    table = pa.table(
        {
            "From": ["Hackney", "Camden", "Hackney", ""],
            "To": ["Bath", "Norwich", "Bath", "Bath"],
            "Date": pa.array([summer.value, winter.value, None, 5], pa.timestamp("ns", zone)),
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    asked = ReadOptions(allow_refused=True)
    there = read(path, "records", asked)
    on_spark = EngineOptions(engine="spark", master="local[1]")
    found = read(path, "records", replace(asked, engine=on_spark))
    days = sorted(found.frame["date"].astype(str).fillna(""))
    assert days == sorted(there.frame["date"].astype(str).fillna(""))
    assert ("2024-08-01" if zone else "2024-07-31") in days
    assert account(found) == account(there)


def test_a_release_built_on_the_cluster_is_that_of_one_machine(
    cluster, made, tmp_path, monkeypatch, capsys
):
    table = tmp_path / "referrals.csv"
    made(9, 1_500, messy=True).to_csv(table, index=False)
    monkeypatch.setattr(building, "draw_release", partial(draw_release, only=set()))
    monkeypatch.setattr("secrets.token_hex", lambda size: "00" * size)
    monkeypatch.setattr("secrets.token_bytes", lambda size: b"k" * size)
    releases = {}
    on_cluster = ("--master", cluster.url, "--memory", "512MB")
    for engine, more in {"pandas": (), "duckdb": (), "spark": on_cluster}.items():
        home = tmp_path / engine / "deep" / "down"
        home.mkdir(parents=True)
        words = ["build", table, "--out", home / "out", "--tag", TAG, "--allow-refused"]
        monkeypatch.setattr(sys, "argv", ["linemap", *map(str, words), "--engine", engine, *more])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert (stopped.value.code, capsys.readouterr().err) == (cli.FINE, "")
        here = str(home).encode()  # what was said of the build is kept privately, with its paths
        releases[engine] = {
            path.relative_to(home): path.read_bytes().replace(here, b"")
            for path in home.rglob("*")
            if path.is_file()
        }
    assert len(releases["pandas"]) > 10
    assert releases["pandas"] == releases["duckdb"]
    mine, other = (releases[engine] for engine in ("spark", "pandas"))
    private = Path("out-private")
    numbered = {private / name for name in ("notices.csv", "refused_rows.csv", "private.json")}
    assert {name for name, there in mine.items() if there != other[name]} == numbered
    facts, others = (json.loads(one[private / "private.json"]) for one in (mine, other))
    assert facts["facts"] == others["facts"]
    assert facts["release"] == others["release"]
