"""Members are solved by the workers of a real scheduler on loopback, one of them killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from supplychain.ensemble.ensemble_record import write_drawn
from supplychain.ensemble.executor import Dask, packed
from supplychain.ensemble.members import draw
from supplychain.ensemble.solve_ensemble import MemberFolder, Shard, solve_members, to_do
from supplychain.errors import InvalidInput
from supplychain.runs.run_store import read_tables_in
from tests.ensemble.setups import Here, make_setup, silent

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0


@dataclass(frozen=True)
class Cluster:
    """A scheduler and its workers, each a process of its own."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]


def begin(folder: Path, module: str, *words: str) -> subprocess.Popen[bytes]:
    log = (folder / f"{module}-{len(list(folder.glob('*.log')))}.log").open("wb")
    python = [sys.executable, "-m", f"distributed.cli.dask_{module}"]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "worlds")])
    with log:
        return subprocess.Popen(
            [*python, *words, "--no-dashboard"],
            stdout=log,
            stderr=log,
            cwd=folder,
            env={
                **os.environ,
                "PYTHONPATH": paths,
                "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
            },
        )


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Start them; end them whatever happens."""
    file = tmp_path / "scheduler.json"
    begun = [
        begin(
            tmp_path,
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--scheduler-file",
            str(file),
        )
    ]
    try:
        until = time.monotonic() + PATIENCE
        while not file.is_file() or not file.read_text():
            assert time.monotonic() < until, "no scheduler"
            time.sleep(0.1)
        words = (
            "--scheduler-file",
            str(file),
            "--nthreads",
            "1",
            "--no-nanny",
            "--host",
            "127.0.0.1",
        )
        workers = tuple(begin(tmp_path, "worker", *words) for _ in range(2))
        begun += workers
        address = pd.read_json(file, typ="series")["address"]
        wait_for_workers(address, 2)
        yield Cluster(address, workers)
    finally:
        for process in begun:
            process.kill()
            process.wait()


def wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(count, timeout=PATIENCE)  # type: ignore[no-untyped-call]


def test_a_killed_worker_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    setup = make_setup(tmp_path)
    members = draw(setup.definition, setup.tables)
    here = MemberFolder(tmp_path / "here" / "members")
    solve_members(setup, to_do(members, 2, here, Shard()), here, Here, silent)
    write_drawn(setup, members, here, tmp_path / "wanted")

    there = MemberFolder(tmp_path / "there" / "members")
    killed: list[int] = []

    def kill_one(done: int, _total: int, words: str) -> None:
        if words.startswith("members") and done == 2 and not killed:
            cluster.workers[0].send_signal(signal.SIGKILL)
            killed.append(cluster.workers[0].wait())

    engine = partial(Dask, cluster.address)
    assert solve_members(setup, to_do(members, 2, there, Shard()), there, engine, kill_one) == 0
    assert killed == [-signal.SIGKILL]
    write_drawn(setup, members, there, tmp_path / "found")
    wanted, found = (read_tables_in(tmp_path / name) for name in ("wanted", "found"))
    for name in wanted:
        pd.testing.assert_frame_equal(found[name], wanted[name], check_exact=True)


def test_no_scheduler_is_said_in_words(tmp_path: Path) -> None:
    setup = make_setup(tmp_path)
    with pytest.raises(InvalidInput) as caught:
        Dask("tcp://127.0.0.1:9", packed(setup), patience=1)
    [problem] = caught.value.problems
    assert "tcp://127.0.0.1:9" in problem.message
    assert "dask scheduler" in problem.hint
