"""`supplychain run` and `compare`, with made-up runs in the place of the solver."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import supplychain.report
from supplychain.errors import InvalidInput, NotSolved, problem
from supplychain.runs.run_schema import Run
from supplychain.study import run_request
from supplychain.study import solve_scenario as study
from tests.cli.conftest import Command
from tests.cli.worlds import NO_TRUCE, TRUCE, made_run

WITH_SOLVER = pytest.mark.usefixtures("solver")
LOSSES = {"truce": TRUCE, "no-truce": NO_TRUCE, "open": dict.fromkeys(TRUCE, 0.0), "brief": TRUCE}


class Solver:
    """Stands in for the study: knows four scenarios, one without an answer, the rest unknown."""

    def __init__(self) -> None:
        self.asked: list[run_request.RunRequest] = []
        self.opened = 0

    def open_world(self, *_given: object) -> Any:
        self.opened += 1
        return SimpleNamespace(tables=None)

    def resolve(self, request: run_request.RunRequest, _tables: object) -> Any:
        if request.scenario not in (*LOSSES, "hopeless"):
            found = problem("SCEN-1", "no such key.", file=f"{request.scenario}.yaml", line=3)
            raise InvalidInput("bad", [found])
        start, usual = date(2026, 9, 28), 4 if request.scenario == "brief" else 104
        weeks = request.weeks or usual
        return SimpleNamespace(name=request.scenario, start=request.start or start, weeks=weeks)

    def run_scenario(
        self,
        request: run_request.RunRequest,
        on_progress: Callable[[int, int], None],
        _world: object,
    ) -> Run:
        self.asked.append(request)
        on_progress(1, 104)
        if request.scenario == "hopeless":
            raise NotSolved("No plan meets the limits of week 3.")
        return made_run(request.scenario, LOSSES[request.scenario])


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> Solver:
    made = Solver()
    monkeypatch.setattr(run_request, "resolve", made.resolve)
    for name in ("open_world", "run_scenario"):
        monkeypatch.setattr(study, name, getattr(made, name))
    monkeypatch.setattr(study, "with_band", lambda run, *_rest: run)  # tests/cli/test_band.py
    monkeypatch.setattr(
        "supplychain.report.pages.run_page.write_run_page",
        lambda run, path: path.write_text(run.scenario),
    )
    monkeypatch.setattr(
        supplychain.report,
        "write_compare_page",
        lambda base, others, path, _causes: path.write_text(f"{base.scenario} {len(others)}"),
    )
    return made


@WITH_SOLVER
def test_a_run_ends_with_the_table_and_the_path_of_the_page(
    command: Command, tmp_path: Path
) -> None:
    said = command("run", "no-truce")
    assert said.code == 0
    assert said.out.startswith("The title of no-truce\n")
    assert "20.0 %" in said.out
    assert said.out.endswith(
        "What bound most were licences for ndfeb-heavy from China.\n\n"
        "Page: reports/out/no-truce/report.html\n"
    )
    assert (tmp_path / "reports/out/no-truce/report.html").read_text() == "no-truce"
    assert said.err == "no-truce: 1 %\n"
    assert command("run", "open", "-q").err == ""


@WITH_SOLVER
def test_a_run_as_json(command: Command) -> None:
    found = command("run", "truce", "no-truce", "--json").json
    assert [run["scenario"] for run in found["data"]["runs"]] == ["truce", "no-truce"]
    run = found["data"]["runs"][1]
    assert set(run) >= {"scenario", "folder", "status", "seconds", "peak_memory_mb", "headline"}
    assert run["folder"] == "reports/out/no-truce"
    assert run["headline"]["sectors"]["auto"]["by_region"]["EUR"]["lost_share"] == 0.2
    assert found["artifacts"] == [
        "reports/out/truce/report.html",
        "reports/out/no-truce/report.html",
    ]


def test_all_options_reach_the_solver(command: Command, solver: Solver, tmp_path: Path) -> None:
    said = command(
        "run", "truce", "--data", "numbers", "--overlay", "a", "--overlay", "b", "-o", "there",
        "--foresight", "perfect", "--allocation", "priority", "--start", "2026-10-05", "--weeks",
        "52", "--threads", "2", "--force", "--demand", "low", "--set", "foresight.step_weeks=2",
        "--set", "site_capacity@site:lynas-kuantan=0.5",
    )  # fmt: skip
    assert said.code == 0, said.err
    (asked,) = solver.asked
    assert asked.data == Path("numbers")
    assert asked.overlays == (Path("a"), Path("b"))
    assert (asked.foresight, asked.allocation) == ("perfect", "priority")
    assert (asked.start, asked.weeks, asked.threads) == (date(2026, 10, 5), 52, 2)
    assert asked.demand == "low"
    assert asked.settings == {
        "foresight.step_weeks": "2",
        "site_capacity@site:lynas-kuantan": "0.5",
    }
    assert (tmp_path / "there" / "truce" / "report.html").is_file()


@pytest.mark.parametrize(
    "words",
    [
        ["--set", "x"],
        ["--set", "=1"],
        ["--set", "a=1", "--set", "a=2"],
        ["--start", "2026-13-01"],
        ["--allocation", "fair"],
    ],
)
def test_a_setting_that_cannot_be_read_is_wrong_usage(
    command: Command, solver: Solver, words: list[str]
) -> None:
    said = command("run", "truce", *words)
    assert said.code == 2
    assert words[0] in said.err
    assert "Value error" not in said.err
    assert solver.asked == []


def test_all_scenarios_are_checked_before_the_first_is_solved(
    command: Command, solver: Solver
) -> None:
    said = command("run", "truce", "first-bad", "second-bad")
    assert said.code == 3
    assert "1 problem in first-bad.yaml" in said.err
    assert "1 problem in second-bad.yaml" in said.err
    assert said.err.endswith("Nothing was solved.\n")
    assert solver.asked == []


def test_the_data_are_read_once_and_each_scenario_is_solved_once(
    command: Command, solver: Solver
) -> None:
    assert command("run", "truce", "open", "truce").code == 0
    assert solver.opened == 1
    assert [request.scenario for request in solver.asked] == ["truce", "open"]


@WITH_SOLVER
def test_one_without_an_answer_is_partial_and_the_rest_is_saved(command: Command) -> None:
    said = command("run", "hopeless", "truce")
    assert said.code == 5
    assert "hopeless was not solved: No plan meets the limits of week 3." in said.err
    assert "Page: reports/out/truce/report.html" in said.out


@WITH_SOLVER
def test_none_with_an_answer_is_not_solved(command: Command) -> None:
    said = command("run", "hopeless", "--json")
    assert said.code == 4
    assert said.json["data"] == {"runs": []}
    assert "week 3" in said.json["errors"][0]["message"]


@WITH_SOLVER
def test_two_scenarios_compared(command: Command, tmp_path: Path) -> None:
    said = command("compare", "truce", "no-truce")
    assert said.code == 0, said.err
    assert said.out.startswith("truce and no-truce\n")
    assert "+20.0 points" in said.out
    assert said.out.endswith("Page: reports/out/compare-truce-no-truce.html\n")
    page = tmp_path / "reports/out/compare-truce-no-truce.html"
    assert page.read_text() == "truce 1"


@WITH_SOLVER
def test_the_page_of_a_comparison_is_in_the_results_folder(
    command: Command, tmp_path: Path
) -> None:
    assert command("run", "truce", "no-truce", "-o", "past").code == 0
    said = command("compare", "past/truce", "past/no-truce", "-o", "here")
    assert said.code == 0, said.err
    assert [page.name for page in tmp_path.rglob("compare-*")] == ["compare-truce-no-truce.html"]
    assert (tmp_path / "here" / "compare-truce-no-truce.html").is_file()


@WITH_SOLVER
def test_a_comparison_hands_on_what_its_runs_warn_of(command: Command, tmp_path: Path) -> None:
    assert command("run", "truce", "no-truce", "-o", "past").code == 0
    for name in ("truce", "no-truce"):
        file = tmp_path / "past" / name / "run.json"
        warned = {**json.loads(file.read_text()), "warnings": ["review binds in no week."]}
        file.write_text(json.dumps(warned))
    said = command("compare", "past/truce", "past/no-truce", "--json")
    wanted = ["truce: review binds in no week.", "no-truce: review binds in no week."]
    assert said.json["warnings"] == wanted
    said = command("compare", "past/truce", "past/no-truce")
    assert [line for line in said.err.splitlines() if line.startswith("Note: ")] == [
        f"Note: {words}" for words in wanted
    ]


@WITH_SOLVER
def test_a_comparison_as_json(command: Command) -> None:
    data = command("compare", "open", "truce", "no-truce", "--json").json["data"]
    assert data["base"]["scenario"] == "open"
    assert [run["scenario"] for run in data["runs"]] == ["truce", "no-truce"]
    row = next(
        r for r in data["difference"]
        if (r["scenario"], r["sector"], r["region"]) == ("no-truce", "auto", "EUR")
    )  # fmt: skip
    assert row["lost_share_difference"] == pytest.approx(0.2)


@WITH_SOLVER
def test_a_rule_that_holds_fails_the_comparison_with_6(command: Command) -> None:
    said = command("compare", "truce", "no-truce", "--fail-on", "auto.EUR.lost_share>0.1")
    assert said.code == 6
    assert "no-truce: auto.EUR.lost_share>0.1, it is 0.2." in said.err
    assert "+20.0 points" in said.out
    said = command("compare", "open", "truce", "--fail-on", "auto.EUR.lost_share>0.1")
    assert said.code == 0


@WITH_SOLVER
def test_a_comparison_needs_every_scenario(command: Command) -> None:
    said = command("compare", "truce", "hopeless")
    assert said.code == 4
    assert "hopeless was not solved" in said.err


def test_past_runs_are_not_solved_again(
    command: Command, solver: Solver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supplychain.runs import run_store as store

    assert command("run", "truce").code == 0
    past = made_run("truce", TRUCE, Path("reports/out/truce"))
    monkeypatch.setattr(store, "read_run", lambda _folder: past)
    said = command("compare", "latest:truce", "no-truce")
    assert said.code == 0, said.err
    assert [request.scenario for request in solver.asked] == ["truce", "no-truce"]


def test_runs_of_different_weeks_are_not_compared(command: Command, solver: Solver) -> None:
    said = command("compare", "truce", "brief", "open", "--json")
    assert said.code == 3
    (found,) = said.json["errors"]
    assert (found["code"], found["path"]) == ("CHECK-102", "brief")
    assert found["message"] == (
        "truce runs 104 weeks from 2026-09-28, brief 4 weeks from 2026-09-28."
    )
    assert "--start 2026-09-28 --weeks 104" in found["hint"]
    assert solver.asked == []
    assert command("compare", "truce", "brief", "--weeks", "104").code == 0


def test_a_folder_that_is_no_run_is_not_replaced(
    command: Command, solver: Solver, tmp_path: Path
) -> None:
    (tmp_path / "reports/out/truce").mkdir(parents=True)
    (tmp_path / "reports/out/truce/letter.txt").write_text("mine")
    said = command("run", "truce")
    assert said.code == 3
    assert "this folder holds no run. Name another folder with --out, or add --force" in said.err
    assert solver.asked == []
    assert command("run", "truce", "--force").code == 0
    assert (tmp_path / "reports/out/truce/letter.txt").read_text() == "mine"


def test_a_run_replaces_the_last_one_and_leaves_what_is_not_its_own(
    command: Command, solver: Solver, tmp_path: Path
) -> None:
    assert command("run", "truce").code == 0
    (tmp_path / "reports/out/truce/notes.txt").touch()
    assert command("run", "truce").code == 0
    assert len(solver.asked) == 2
    found = sorted(p.name for p in (tmp_path / "reports/out/truce").iterdir())
    assert found == ["datapackage.json", "notes.txt", "report.html", "run.json", "tables"]


def test_a_place_that_cannot_be_written_is_told_before_the_solve(
    command: Command, solver: Solver, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    said = command("run", "truce", "-o", "file/out")
    assert said.code == 3
    assert "in file/out" in said.err
    assert "part of this path is a file. Name a folder." in said.err
    assert solver.asked == []


def test_the_record_has_the_seconds_of_writing(
    command: Command, solver: Solver, tmp_path: Path
) -> None:
    run = command("run", "truce", "--json").json["data"]["runs"][0]
    assert set(run["seconds"]) == {"read", "write", "report"}
    record = json.loads((tmp_path / "reports/out/truce/run.json").read_text())
    assert record["seconds"] == run["seconds"]
    assert len(solver.asked) == 1
