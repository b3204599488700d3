"""What is asked for again in the same words is not solved again, and nothing beside it is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from supplychain.report.pages import pdf
from supplychain.runs import provenance
from supplychain.solve.rolling_horizon import Solver
from tests.cli.conftest import Command
from tests.cli.projects import make_project

STORM = ("run", "storm", "--no-band", "--weeks", "8")
BOTH = ("compare", "calm", "storm", "--no-band", "--weeks", "8")


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


@pytest.fixture
def solves(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many worlds were solved so far."""
    done: list[str] = []
    own = Solver.solve

    def counted(solver: Solver, case: object, *rest: object, **more: object) -> object:
        done.append("")
        return own(solver, case, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Solver, "solve", counted)
    return lambda: len(done)


def times(folder: Path) -> dict[str, int]:
    """Each file below a folder of results with the time of its writing; locks and index aside."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith((".lock", ".sqlite"))
    }


def test_a_run_asked_for_again_is_left_as_it_is(
    command: Command, project: Path, solves: Callable[[], int]
) -> None:
    out = project / "reports" / "out"
    first = command(*STORM)
    assert first.code == 0, first.err
    assert command("export", "latest", "--to", "csv").code == 0
    (out / "storm" / "report.pdf").write_bytes(b"%PDF of before")
    before, solved = times(out), solves()
    again = command(*STORM)
    assert (again.code, again.out) == (0, first.out)
    assert again.err.startswith("storm: up to date, solved 20")
    assert "--force solves it again" in again.err
    (run,) = command(*STORM, "--json").json["data"]["runs"]
    assert run["solved"] is False
    assert solves() == solved
    assert times(out) == before
    (run,) = command(*STORM, "--force", "--json").json["data"]["runs"]
    assert run["solved"] is True
    assert solves() > solved


def _spoil_table(folder: Path) -> None:
    (folder / "tables" / "flows.parquet").write_bytes(b"PAR1")


def _lose_page(folder: Path) -> None:
    (folder / "report.html").unlink()


def _break_record(folder: Path) -> None:
    (folder / "run.json").write_text("{")


def _other_library(folder: Path) -> None:
    record = json.loads((folder / "run.json").read_text())
    record["versions"]["numpy"] = "0.1"
    (folder / "run.json").write_text(json.dumps(record))


@pytest.mark.parametrize("spoil", [_spoil_table, _lose_page, _break_record, _other_library])
def test_what_is_not_as_it_was_written_is_solved_again(
    command: Command, project: Path, spoil: Callable[[Path], None]
) -> None:
    assert command(*STORM).code == 0
    spoil(project / "reports" / "out" / "storm")
    for solved in (True, False):
        (run,) = command(*STORM, "--json").json["data"]["runs"]
        assert run["solved"] is solved


def test_other_words_other_data_or_another_program_are_solved(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def solved(*words: str) -> bool:
        (run,) = command(*STORM, *words, "--json").json["data"]["runs"]
        return bool(run["solved"])

    assert solved()
    assert solved("--allocation", "value")
    assert solved()
    scenario = project / "scenarios" / "storm.yaml"
    scenario.write_text(scenario.read_text().replace("2026-11-02", "2026-11-09"))
    assert solved()
    assert not solved()
    monkeypatch.setattr("supplychain.study.run_request.program_sum", lambda: "another")
    assert solved()


def test_the_programs_sum_follows_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "supplychain" / "runs" / "provenance.py"
    page = tmp_path / "supplychain" / "report" / "page.html.j2"
    for made in (file, page):
        made.parent.mkdir(parents=True)
        made.write_text("one")
    monkeypatch.setattr(provenance, "__file__", str(file))

    def sum_now() -> str:
        provenance.program_sum.cache_clear()
        return provenance.program_sum()

    try:
        first = sum_now()
        page.write_text("two")
        assert sum_now() != first
        page.write_text("one")
        assert sum_now() == first
    finally:
        provenance.program_sum.cache_clear()


def test_a_comparison_asked_for_again_keeps_its_page_and_pdf(
    command: Command, project: Path, solves: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[Path] = []

    def print_page(page: Path, target: Path) -> Path:
        printed.append(page)
        target.write_bytes(b"%PDF")
        return target

    monkeypatch.setattr(pdf, "need_browser", lambda: "a browser")
    monkeypatch.setattr(pdf, "print_page", print_page)
    out = project / "reports" / "out"
    first = command(*BOTH, "--why", "--pdf")
    assert first.code == 0, first.err
    before, solved = times(out), solves()
    again = command(*BOTH, "--why", "--pdf")
    assert (again.code, again.out) == (0, first.out)
    assert solves() == solved
    assert len(printed) == 1
    kept = [name for name in before if "causes" not in name]
    assert {name: times(out)[name] for name in kept} == {name: before[name] for name in kept}
    page = out / "compare-calm-storm.html"
    os.utime(page, ns=(before[page.name] + 10**12,) * 2)
    assert command(*BOTH, "--pdf").code == 0
    assert len(printed) == 2
    assert command(*BOTH, "--why", "--force").code == 0
    assert solves() > solved
