"""Started by the tests: write releases and be killed, again and again; report what was left.

usage: crashing.py FOLDER every|random
"""

import itertools
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from linemap.errors import OutputError
from linemap.io import write_whole
from linemap.release import OutputFolder, manifest, verify_release
from linemap.release.folder import writing

# What the file system is asked for: at each of these a run can be stopped.
EVENTS = {
    "open",
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.scandir",
    "os.listdir",
}


def content(number):
    """A release of three files that says which one it is in all of them."""
    return {
        name: f"{number} {name}\n".encode() * 400 for name in ("a.csv", "b.svg", "figures/c.png")
    }


def write(folder, number):
    """Write a release the way that write_release does, without its slow parts."""
    with writing(OutputFolder.of(folder)) as new:
        (new / "figures").mkdir()
        outputs = []
        for name, data in content(number).items():
            write_whole(new / name, data)
            entry = manifest.resource(new, name)
            outputs.append(entry)
        made = manifest.manifest_bytes(
            {"format": manifest.FORMAT, "resources": outputs, "number": number}
        )
        write_whole(new / manifest.MANIFEST, made)


def found(folder):
    """The number of the release that a reader finds there; every file must be of it."""
    number = verify_release(folder)["number"]
    for name, data in content(number).items():
        assert (folder / name).read_bytes() == data
    return number


def child(folder, number, stop_at):
    """Write, and stop dead at the n-th event if one is given; never returns."""
    if stop_at is not None:
        seen = itertools.count(1)

        def hook(event, _):
            if event in EVENTS and next(seen) == stop_at:
                os._exit(9)

        sys.addaudithook(hook)
    write(folder, number)
    os._exit(0)


def beside(folder):
    """What stands beside the folder."""
    return sorted(path.name for path in folder.parent.iterdir() if path != folder)


def every(folder):
    """Stop a run at its first event, its second, ... until one gets through."""
    write(folder, 0)
    last, olds, news, code, stop_at = 0, 0, 0, None, 0
    while code != 0:
        stop_at += 1
        child_id = os.fork()
        if not child_id:
            child(folder, stop_at, stop_at)
        code = os.waitstatus_to_exitcode(os.waitpid(child_id, 0)[1])
        number = found(folder)
        assert number in (last, stop_at)
        olds, news = olds + (number == last), news + (number != last)
        last = number
    write(folder, 0)
    assert beside(folder) == []
    return {"stops": stop_at - 1, "old": olds, "new": news - 1}


def at_random(folder):
    """Kill a run that writes one release after the other, at random moments."""
    chance = random.Random(7)  # noqa: S311 - not a secret
    start = time.perf_counter()
    for _ in range(5):
        write(folder, 0)
    longest = (time.perf_counter() - start) / 5 * 2  # a run is over in half of it
    last, changed, kills, wanted = 0, 0, 0, 25
    # a busy machine may give the child no time at all: then go on, with longer waits
    while kills < wanted or (changed <= 5 and kills < 10 * wanted):
        kills += 1
        child_id = os.fork()
        if not child_id:
            for number in itertools.count(last + 1):
                write(folder, number)
        time.sleep(chance.uniform(0, longest))
        os.kill(child_id, signal.SIGKILL)
        os.waitpid(child_id, 0)
        number = found(folder)
        assert number >= last
        changed += number > last
        longest *= 1.0 if number > last else 1.02
        last = number
    write(folder, last + 1)
    assert beside(folder) == []
    return {"kills": kills, "changed": changed, "written": last}


if __name__ == "__main__":
    os.fsync = lambda _: None  # a process that is killed loses nothing that it wrote
    run = {"every": every, "random": at_random}[sys.argv[2]]
    try:
        print(json.dumps(run(Path(sys.argv[1]))))
    except OutputError as error:
        sys.exit(str(error))
