"""What lies where the program reads or writes: links, pipes, devices, somebody else's files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.projects import make_project

Make = Callable[[Path], object]
RUN = ("run", "storm", "--no-band", "--weeks", "6", "-q")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


@pytest.fixture
def storm(command: Command, project: Path) -> Path:
    """The folder of a run."""
    said = command(*RUN)
    assert said.code == 0, said.err
    return project / "reports" / "out" / "storm"


def test_a_lock_that_is_a_link_or_a_folder_is_refused_before_the_solve(
    command: Command, storm: Path
) -> None:
    lock = storm.with_name(".storm.lock")
    mine = storm.parent / "mine"
    mine.write_text("notes")
    lock.unlink()
    for code, make in (("SETUP-115", lambda: lock.symlink_to(mine)), ("SETUP-105", lock.mkdir)):
        make()
        said = command("run", "storm", "--no-band", "--weeks", "6")
        assert said.code == 3
        assert code in said.err
        assert "Nothing was solved." in said.err
        lock.unlink() if lock.is_symlink() else lock.rmdir()
    assert mine.read_text() == "notes"


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_record_without_end_is_named_and_hides_no_other(
    command: Command, storm: Path, make: Make
) -> None:
    shutil.copytree(storm, storm.with_name("other"))
    (storm / "run.json").unlink()
    make(storm / "run.json")
    said = command("runs", "list")
    assert said.code == 0
    assert "it is no file" in said.err
    assert "storm" in said.out


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_table_without_end_is_a_damaged_one(command: Command, storm: Path, make: Make) -> None:
    (storm / "tables" / "flows.parquet").unlink()
    make(storm / "tables" / "flows.parquet")
    said = command("export", storm.as_posix())
    assert said.code == 3
    assert "flows" in said.err
    assert not (storm / "csv").exists()


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda p: p.symlink_to("/dev/zero")])
def test_a_kept_structure_without_end_is_made_anew(
    command: Command, project: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPLYCHAIN_CACHE", str(project / "cache"))
    assert command(*RUN).code == 0
    kept = list((project / "cache" / "structures").glob("*.npz"))
    assert kept
    for file in kept:
        file.unlink()
        make(file)
    said = command(*RUN, "--force")
    assert said.code == 0
    assert "cannot be kept" in said.err


@pytest.mark.parametrize(
    ("form", "name"),
    [("csv", "csv/flows.csv"), ("xlsx", "storm.xlsx"), ("iamc", "storm-iamc.csv")],
)
def test_an_export_replaces_exports_and_nothing_else(
    command: Command, storm: Path, form: str, name: str
) -> None:
    mine = storm / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("my own")
    said = command("export", "latest", "--to", f"{form},csv")
    assert (said.code, mine.read_text()) == (3, "my own")
    assert f"{name} is not what an export wrote" in said.err
    assert "give it another name" in said.err
    mine.unlink()
    for _ in range(2):
        assert command("export", "latest", "--to", form).code == 0
    mine.write_text("changed since")
    assert command("export", "latest", "--to", form).code == 3
    assert mine.read_text() == "changed since"


def test_a_table_of_ones_own_in_the_folder_of_a_run_stays(command: Command, storm: Path) -> None:
    own = storm / "tables" / "own.parquet"
    own.write_text("mine")
    assert command(*RUN).code == 0
    assert own.read_text() == "mine"
    assert command("runs", "list").err == ""


def test_what_is_no_catalogue_is_kept_under_another_name(command: Command, storm: Path) -> None:
    notes = storm.parent / "runs.sqlite"
    notes.write_text("my notes")
    said = command("runs", "list")
    assert said.code == 0
    assert "what lay there is runs.sqlite.found now" in said.err
    assert notes.with_name("runs.sqlite.found").read_text() == "my notes"
    assert command("runs", "list").err == ""


@pytest.mark.usefixtures("project")
def test_a_run_shortened_before_an_entry_can_be_reproduced(command: Command) -> None:
    assert command("run", "storm", "--no-band", "--weeks", "4", "-q").code == 0
    said = command("runs", "reproduce", "latest:storm")
    assert said.code == 0, said.err


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_settings_that_are_no_file_are_refused(command: Command, project: Path, make: Make) -> None:
    (project / "supplychain.toml").unlink()
    make(project / "supplychain.toml")
    said = command("runs", "list")
    assert said.code == 3
    assert "cannot be read: it is no file" in said.err


def test_a_scenario_that_is_no_file_is_named(command: Command, project: Path) -> None:
    os.mkfifo(project / "scenarios" / "pipe.yaml")
    said = command("scenario", "check", "pipe")
    assert said.code == 3
    assert "is no file" in said.err


@pytest.mark.usefixtures("project")
def test_a_reserved_name_and_a_year_beyond_the_calendar_say_what_is_wanted(
    command: Command,
) -> None:
    said = command("scenario", "new", "store", "--extends", "calm")
    assert said.code == 3
    assert "a meaning of its own" in said.err
    said = command("run", "calm", "--start", "9999-12-27")
    assert "a year from 1900 to 2200 is wanted" in said.err
