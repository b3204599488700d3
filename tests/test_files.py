"""A folder or file is there whole, or as it was before."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from supplychain import files
from supplychain.errors import Busy
from supplychain.files import remove_folder, sweep, whole_file, whole_folder


def names(where: Path) -> list[str]:
    """What is in a folder, the lock aside: it stays, so that it can be trusted."""
    return sorted(p.name for p in where.iterdir() if not p.name.endswith(".lock"))


def fill(part: Path, word: str) -> None:
    (part / "run.json").write_text(word)
    (part / "tables").mkdir()
    (part / "tables" / "flows.parquet").write_text(word)


def test_new_folder_appears_with_its_parents(tmp_path: Path) -> None:
    target = tmp_path / "out" / "truce"
    with whole_folder(target) as part:
        fill(part, "new")
        assert not target.exists()
    assert (target / "tables" / "flows.parquet").read_text() == "new"
    assert names(target.parent) == ["truce"]


@pytest.mark.parametrize("can_exchange", [True, False])
def test_old_folder_is_replaced_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:
        monkeypatch.setattr(files, "_exchange", lambda _one, _other: False)
    target = tmp_path / "truce"
    target.mkdir()
    (target / "stale.txt").write_text("old")
    with whole_folder(target) as part:
        fill(part, "new")
        assert names(target) == ["stale.txt"]
    assert names(target) == ["run.json", "tables"]
    assert names(tmp_path) == ["truce"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_an_error_leaves_the_old_folder_and_nothing_else(
    tmp_path: Path, error: type[BaseException]
) -> None:
    target = tmp_path / "truce"
    target.mkdir()
    (target / "run.json").write_text("old")
    with pytest.raises(error), whole_folder(target) as part:
        fill(part, "new")
        raise error
    assert (target / "run.json").read_text() == "old"
    assert names(tmp_path) == ["truce"]


def test_a_full_disk_is_reported_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left") as caught, whole_folder(tmp_path / "truce"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert caught.value.filename == str(tmp_path / "truce")
    assert names(tmp_path) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from supplychain.files import whole_folder
with whole_folder(Path(sys.argv[1])) as part:
    (part / "run.json").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "truce"
    target.mkdir()
    (target / "run.json").write_text("old")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert (target / "run.json").read_text() == "old"
    assert len(names(tmp_path)) == 2
    with whole_folder(target) as part:
        fill(part, "new")
    assert names(tmp_path) == ["truce"]


def test_a_folder_caught_between_two_names_comes_back(tmp_path: Path) -> None:
    target = tmp_path / "truce"
    (tmp_path / ".truce.old").mkdir()
    (tmp_path / ".truce.old" / "run.json").write_text("old")
    with pytest.raises(ValueError, match="no"), whole_folder(target):
        raise ValueError("no")
    assert (target / "run.json").read_text() == "old"
    assert names(tmp_path) == ["truce"]


def test_two_writers_of_one_target_do_not_meet(tmp_path: Path) -> None:
    with (
        FileLock(tmp_path / ".truce.lock"),
        pytest.raises(Busy, match="Another process is writing"),
        whole_folder(tmp_path / "truce", wait=0.05),
    ):
        raise AssertionError("entered")


def test_a_file_is_replaced_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.write_text("old")
    with whole_file(target) as part:
        part.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    with pytest.raises(ValueError, match="no"), whole_file(target) as part:
        part.write_text("half")
        raise ValueError("no")
    assert target.read_text() == "new"
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_a_file_left_by_a_killed_process_is_cleared_once_it_is_old(tmp_path: Path) -> None:
    old, young = tmp_path / ".page.html.1.part", tmp_path / ".page.html.2.part"
    old.touch()
    young.touch()
    os.utime(old, (0, 0))
    with whole_file(tmp_path / "page.html") as part:
        part.write_text("new")
    assert names(tmp_path) == [young.name, "page.html"]


def test_a_folder_is_removed_whole(tmp_path: Path) -> None:
    target = tmp_path / "truce"
    target.mkdir()
    fill(target, "old")
    remove_folder(target)
    assert names(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        remove_folder(target)


def test_a_folder_that_is_being_written_is_not_removed(tmp_path: Path) -> None:
    target = tmp_path / "truce"
    target.mkdir()
    with FileLock(tmp_path / ".truce.lock"), pytest.raises(Busy):
        remove_folder(target, wait=0.05)
    assert names(tmp_path) == ["truce"]


def test_what_was_begun_long_ago_is_swept_away(tmp_path: Path) -> None:
    for name in (".truce.1.part", ".truce.2.part"):
        fill_new(tmp_path / name)
    os.utime(tmp_path / ".truce.1.part", (0, 0))
    assert sweep(tmp_path) == 6
    assert names(tmp_path) == [".truce.2.part"]


def fill_new(part: Path) -> None:
    part.mkdir()
    fill(part, "old")
