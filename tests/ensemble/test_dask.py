"""Members are solved by the workers of a real scheduler on loopback, one of them killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import dask
import pandas as pd
import pytest
import trustme

from supplychain.ensemble.ensemble_record import write_drawn
from supplychain.ensemble.executor import Dask, packed
from supplychain.ensemble.members import draw
from supplychain.ensemble.solve_ensemble import MemberFolder, Shard, solve_members, to_do
from supplychain.ensemble.solve_member import Setup
from supplychain.errors import InvalidInput
from supplychain.runs.run_store import read_tables_in
from tests.ensemble.setups import Here, make_setup, silent

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0
ENDS = ("scheduler", "worker", "client")


@dataclass(frozen=True)
class Cluster:
    """A scheduler and its workers, each a process of its own."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]


def begin(folder: Path, module: str, *words: str, **settings: str) -> subprocess.Popen[bytes]:
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
                **settings,
            },
        )


@contextmanager
def running(folder: Path, *words: str, **settings: str) -> Iterator[Cluster]:
    """Start a scheduler and two workers; end them whatever happens."""
    file = folder / "scheduler.json"
    here = ("--host", "127.0.0.1", "--scheduler-file", str(file))
    begun = [begin(folder, "scheduler", *here, "--port", "0", *words, **settings)]
    try:
        until = time.monotonic() + PATIENCE
        while not file.is_file() or not file.read_text():
            assert time.monotonic() < until, "no scheduler"
            time.sleep(0.1)
        one = (*here, "--nthreads", "1", "--no-nanny")
        workers = tuple(begin(folder, "worker", *one, **settings) for _ in range(2))
        begun += workers
        address = pd.read_json(file, typ="series")["address"]
        wait_for_workers(address, 2)
        yield Cluster(address, workers)
    finally:
        for process in begun:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running(tmp_path) as found:
        yield found


def wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(count, timeout=PATIENCE)  # type: ignore[no-untyped-call]


def keys(folder: Path) -> dict[str, str]:
    """An authority, and a key that it signed for all: the settings of docs/security.md."""
    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    own.private_key_and_cert_chain_pem.write_to_path(str(folder / "own.pem"))
    ends = [
        f"{end}.{part}" for end in ("scheduler", "worker", "client") for part in ("cert", "key")
    ]
    files = {"ca-file": folder / "ca.pem", **dict.fromkeys(ends, folder / "own.pem")}
    tls = {f"distributed.comm.tls.{name}": str(file) for name, file in files.items()}
    return {"distributed.comm.require-encryption": "True", **tls}


def as_environment(settings: dict[str, str]) -> dict[str, str]:
    """Settings of dask as variables of the environment."""
    return {
        f"DASK_{k.upper().replace('.', '__').replace('-', '_')}": v for k, v in settings.items()
    }


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


def test_with_tls_only_who_holds_a_key_takes_part(tmp_path: Path) -> None:
    setup = make_setup(tmp_path)
    tasks = to_do(draw(setup.definition, setup.tables)[:2], 0, MemberFolder(tmp_path), Shard())
    settings = keys(tmp_path)
    tls = running(tmp_path, "--protocol", "tls", **as_environment(settings))
    with dask.config.set(settings), tls as cluster:
        assert cluster.address.startswith("tls://127.0.0.1:")
        folder = MemberFolder(tmp_path / "members")
        assert solve_members(setup, tasks, folder, partial(Dask, cluster.address), silent) == 0
        assert sorted(folder.done()) == [0, 1]
        with dask.config.set({"distributed.comm.require-encryption": False}):
            refused(cluster.address.replace("tls://", "tcp://"), setup)
        (tmp_path / "others").mkdir()
        with dask.config.set(keys(tmp_path / "others")):
            refused(cluster.address, setup)


def refused(address: str, setup: Setup) -> None:
    """A client that does not hold a key is told in words, and connects to nothing."""
    with pytest.raises(InvalidInput) as caught:
        Dask(address, packed(setup), patience=3)
    assert address in caught.value.problems[0].message


def test_no_scheduler_is_said_in_words(tmp_path: Path) -> None:
    setup = make_setup(tmp_path)
    with pytest.raises(InvalidInput) as caught:
        Dask("tcp://127.0.0.1:9", packed(setup), patience=1)
    [problem] = caught.value.problems
    assert "tcp://127.0.0.1:9" in problem.message
    assert "dask scheduler" in problem.hint
