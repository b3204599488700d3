"""What stays when a run is written again or taken away: what the program did not write."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from filelock import FileLock

from supplychain.errors import InvalidInput
from supplychain.files import remove_parts, whole_file, whole_folder
from supplychain.runs import prune
from supplychain.runs.catalogue import open_catalogue
from supplychain.runs.prune import Rule, choose, take_away
from supplychain.runs.run_folder import foreign_files, mark_exports, remove_run, staying
from supplychain.runs.run_store import refuse_foreign, write_run
from tests.runs.whole_runs import whole_run


def write(folder: Path, key: str) -> None:
    """Write a run as the program does."""
    with whole_folder(folder, staying=staying(key)) as part:
        write_run(whole_run("storm", key), part)
        (part / "report.html").write_text(key)


@pytest.fixture
def storm(tmp_path: Path) -> Path:
    """A run with an export, a note, a note among its tables and another in a folder."""
    folder = tmp_path / "storm"
    write(folder, "aaaa1111")
    for name in ("notes.txt", "tables/notes.txt", "mine/a.csv", "csv/flows.csv", "storm.xlsx"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    mark_exports(folder, "aaaa1111", [folder / "csv" / "flows.csv", folder / "storm.xlsx"])
    return folder


NOTES = ["mine/a.csv", "notes.txt", "tables/notes.txt"]


def files(folder: Path) -> list[str]:
    found = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return sorted(name for name in found if "lock" not in name)


def test_the_same_run_again_keeps_exports_and_notes(storm: Path) -> None:
    before = files(storm)
    write(storm, "aaaa1111")
    assert files(storm) == before
    assert sorted(foreign_files(storm)) == NOTES


def test_another_run_takes_the_exports_of_the_old_one_away(storm: Path) -> None:
    (storm / "storm.xlsx").write_text("changed by its user")
    write(storm, "bbbb2222")
    assert (storm / "report.html").read_text() == "bbbb2222"
    assert (storm / "notes.txt").read_text() == "notes.txt"
    assert not (storm / "csv").exists()
    assert (storm / "storm.xlsx").read_text() == "changed by its user"
    assert sorted(foreign_files(storm)) == sorted([*NOTES, "storm.xlsx"])


def test_a_run_is_removed_and_what_others_put_there_stays(storm: Path, tmp_path: Path) -> None:
    assert not remove_run(storm, 0.1)
    assert files(storm) == NOTES
    write(tmp_path / "calm", "cccc3333")
    assert remove_run(tmp_path / "calm", 0.1)
    assert not (tmp_path / "calm").exists()


def test_a_run_record_in_an_archive_of_reports_costs_no_report(tmp_path: Path) -> None:
    archive = tmp_path / "weekly"
    for name in ("2026-11-23/report.html", "2026-11-23/report.json", "latest/report.html"):
        (archive / name).parent.mkdir(parents=True, exist_ok=True)
        (archive / name).write_text(name)
    before = files(archive)
    (archive / "run.json").write_text("{")
    pruning = choose(tmp_path, open_catalogue(tmp_path), Rule(damaged=True), 0.0)
    taken = take_away(pruning)
    assert files(archive) == before
    assert taken.left == (archive,)


def test_what_lies_in_the_store_itself_is_no_run(tmp_path: Path) -> None:
    write(tmp_path / "store" / "aaaa1111", "aaaa1111")
    write_run(whole_run("store", "bbbb2222"), tmp_path / "store")
    assert [entry.id for entry in open_catalogue(tmp_path).entries] == ["aaaa1111"]


def test_one_that_is_being_written_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prune, "SECONDS_TO_WAIT", 0.05)
    for name, key in (("calm", "aaaa1111"), ("storm", "bbbb2222"), ("embargo", "cccc3333")):
        write(tmp_path / name, key)
    pruning = choose(tmp_path, open_catalogue(tmp_path), Rule(keep=0), 0.0)
    with FileLock(tmp_path / ".storm.lock"):
        taken = take_away(pruning, 0.05)
    assert sorted(entry.folder.name for entry in taken.done.gone) == ["calm", "embargo"]
    assert [(folder.name, failure.code) for folder, failure in taken.failed] == [("storm", 75)]


def test_links_are_not_written_through(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "run.json").write_text("theirs")
    (tmp_path / "storm").symlink_to(theirs)
    (tmp_path / "page.html").symlink_to(theirs / "run.json")
    for refused in (
        lambda: refuse_foreign(tmp_path / "storm", force=True),
        lambda: write(tmp_path / "storm", "aaaa1111"),
        lambda: remove_run(tmp_path / "storm", 0.1),
        lambda: whole_file(tmp_path / "page.html").__enter__(),
    ):
        with pytest.raises(InvalidInput) as caught:
            refused()
        assert caught.value.problems[0].code == "SETUP-115"
    assert (theirs / "run.json").read_text() == "theirs"
    assert (tmp_path / "storm").is_symlink()


def test_a_file_is_no_folder_and_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "storm").write_text("mine")
    for refused in (
        lambda: refuse_foreign(tmp_path / "storm", force=True),
        lambda: write(tmp_path / "storm", "aaaa1111"),
    ):
        with pytest.raises(InvalidInput) as caught:
            refused()
        assert caught.value.problems[0].code == "SETUP-105"
    assert (tmp_path / "storm").read_text() == "mine"


def test_what_stays_is_the_same_bytes(tmp_path: Path) -> None:
    """Whatever is in a folder, what stays is there with its bytes and nothing else."""
    folder = tmp_path / "room"
    names = [f"{a}{b}/{c}" for a in "ab" for b in "xy" for c in ("1", "2", "é [*]")]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(hashlib.sha256(name.encode()).digest())
    kept = names[::2]
    assert not remove_parts(folder, lambda _: kept)
    assert files(folder) == sorted(kept)
    for name in kept:
        assert (folder / name).read_bytes() == hashlib.sha256(name.encode()).digest()
