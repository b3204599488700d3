"""`supplychain report` on the tiny world: what it leaves, what it says, what it does not redo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from supplychain.cli import report_command as command_module
from supplychain.errors import NotSolved
from supplychain.study import solve_scenario as solving
from tests.cli.conftest import Command
from tests.cli.reports import later_storm, make_reports, write_report

DAY = "2026-11-22"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_reports(tmp_path)


@pytest.fixture
def solves(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The scenarios that are solved, in order."""
    found: list[str] = []
    original = solving.run_scenario

    def counted(request: Any, *given: Any) -> Any:
        found.append(request.scenario)
        return original(request, *given)

    monkeypatch.setattr(solving, "run_scenario", counted)
    return found


def out(project: Path, name: str = "tiny") -> Path:
    return project / "reports" / "out" / name


def visible(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


def record(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return found


def test_a_first_report_leaves_page_brief_and_runs(command: Command, project: Path) -> None:
    said = command("report", "tiny", "--date", DAY, "--json")
    assert said.code == 0, said.err
    (entry,) = said.json["data"]["reports"]
    assert entry["status"] == "made"
    assert entry["solved"] == ["calm", "storm"]
    assert visible(out(project)) == [DAY, "latest"]
    assert visible(out(project) / DAY) == ["brief.json", "brief.md", "report.html", "report.json"]
    assert all((project / file).is_file() for file in said.json["artifacts"])
    found = record(out(project) / DAY)
    assert found["changed"] == {
        "since": None,
        "inputs": [],
        "results": [],
        "calendar": [],
        "notes": [],
    }
    for run in found["runs"]:
        kept = project / "reports" / "out" / run["folder"]
        assert json.loads((kept / "run.json").read_text())["id"] == run["id"]
        assert (kept / "tables" / "shortfall.parquet").is_file()
    for file in (out(project) / DAY).iterdir():
        assert (out(project) / "latest" / file.name).read_bytes() == file.read_bytes()
    for losses in found["headline"]["storm"].values():
        weeks = [place["first_week"] for place in losses["by_region"].values()]
        assert losses["first_week"] == min(filter(None, weeks), default=None)
    brief = json.loads((out(project) / DAY / "brief.json").read_text())
    assert brief["headline"] == found["headline"]
    assert brief["page"] == "report.html"


def test_the_same_again_solves_and_writes_nothing(
    command: Command, project: Path, solves: list[str]
) -> None:
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    before = {p: p.stat().st_mtime_ns for p in out(project).rglob("*") if p.is_file()}
    solves.clear()
    said = command("report", "tiny", "--date", DAY, "-q")
    assert said.code == 0
    assert "tiny, 2026-11-22: up to date, nothing was solved.\n" in said.out
    assert solves == []
    after = {p: p.stat().st_mtime_ns for p in before}
    assert after == before


def test_with_nothing_changed_neither_solver_nor_charts_are_loaded(
    command: Command, project: Path
) -> None:
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    heavy = ("pyomo", "highspy", "scipy", "duckdb", "plotly", "jinja2", "xlsxwriter", "openpyxl")
    asked = (
        "import sys; from supplychain.cli.main import run_and_flush;"
        f"code = run_and_flush(['report', 'tiny', '--date', '{DAY}', '-q']);"
        f"print(code, [name for name in {heavy} if name in sys.modules])"
    )
    words = [sys.executable, "-c", asked]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(words, cwd=project, env=env, capture_output=True, text=True, check=True)
    assert "up to date" in said.stdout
    assert said.stdout.splitlines()[-1] == "0 []"


def test_another_day_with_the_same_inputs_solves_nothing_and_says_nothing_moved(
    command: Command, project: Path, solves: list[str]
) -> None:
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    solves.clear()
    said = command("report", "tiny", "--date", "2026-11-29")
    assert said.code == 0
    assert solves == []
    assert "Nothing moved since 22 November 2026: the same inputs, the same results." in said.out
    assert visible(out(project)) == [DAY, "2026-11-29", "latest"]
    page = (out(project) / "latest" / "report.html").read_text()
    assert "Nothing moved: no result by more than is tolerated." in page
    assert page.index("What changed since last time") < page.index("Sector by sector</h2>")


def test_what_changed_opens_the_page_with_old_new_and_source(
    command: Command, project: Path
) -> None:
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    later_storm(project, "2026-10-26")
    overlay = project / "more"
    overlay.mkdir()
    (overlay / "covers.csv").write_text(
        "customer,material,quantity,value,low,high,unit,kind,source,note\n"
        "guided-weapon-usa,ndfeb-heavy,opening_cover,9,8,32,week,assumed,assumption,\n"
    )
    said = command("report", "tiny", "--date", "2026-11-29", "--overlay", "more", "--json")
    assert said.code == 0, said.err
    (entry,) = said.json["data"]["reports"]
    changed = entry["changed"]
    assert changed["since"]["date"] == DAY
    covers = [c for c in changed["inputs"] if c["what"].startswith("covers ")]
    assert {(c["old"], c["new"], c["source"], c["kind"]) for c in covers} >= {
        ("16 week", "9 week", "assumption", "data")
    }, covers
    events = [c for c in changed["inputs"] if c["kind"] == "event"]
    assert [c["what"] for c in events] == [
        "timeline 2026-10-26 CHN",
        "timeline 2026-11-02 CHN",
    ]
    assert events[0]["scenarios"] == ["storm"]
    assert events[0]["why"] == "a quarrel"
    stops = [
        r
        for r in changed["results"]
        if (r["region"], r["sector"], r["measure"]) == ("USA", "munitions", "first_week")
    ]
    assert [r["scenario"] for r in stops] == ["storm"]
    assert stops[0]["moved"] < 0
    page = (out(project) / "latest" / "report.html").read_text().replace("\u00a0", " ")
    head = page[: page.index("Sector by sector</h2>")]
    for words in ("timeline 2026-10-26 CHN (storm)", "16 week", "9 week", "weeks earlier"):
        assert words in head, words
    markdown = (out(project) / "latest" / "brief.md").read_text()
    assert "| storm | Munitions | USA | First stop |" in markdown


def test_an_alert_ends_with_its_exit_code_only_if_asked(command: Command, project: Path) -> None:
    later_storm(project, "2026-11-23")
    assert command("report", "tiny", "--date", DAY, "--fail-on", "alert", "-q").code == 0
    later_storm(project, "2026-11-02")
    said = command("report", "tiny", "--date", "2026-11-29", "-q")
    assert said.code == 0
    assert "Alert sooner: storm: munitions in USA first stops" in said.out
    said = command("report", "tiny", "--date", "2026-11-29", "-q", "--fail-on", "alert", "--json")
    assert said.code == 6
    assert said.json["data"]["reports"][0]["status"] == "up-to-date"
    assert [e["code"] for e in said.json["errors"]] == ["CHECK-201"]
    brief = (out(project) / "latest" / "brief.md").read_text()
    assert "- **sooner**: storm: munitions in USA first stops" in brief
    assert "Tell the buyers." in brief
    assert command("report", "tiny", "--fail-on", "alarm").code == 2


def test_force_solves_again_and_replaces_the_report_of_the_day(
    command: Command, project: Path, solves: list[str]
) -> None:
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    solves.clear()
    said = command("report", "tiny", "--date", DAY, "--force", "-q")
    assert said.code == 0, said.err
    assert solves == ["calm", "storm"]
    assert visible(out(project)) == [DAY, "latest"]
    assert record(out(project) / "latest")["number"] == 1


def test_a_second_report_of_a_day_is_kept_beside_the_first(
    command: Command, project: Path, solves: list[str]
) -> None:
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    solves.clear()
    later_storm(project, "2026-11-09")
    said = command("report", "tiny", "--date", DAY, "-q")
    assert said.code == 0
    assert solves == ["storm"]
    assert "since report number 1 of the same day" in said.out
    assert visible(out(project)) == [DAY, f"{DAY}-2", "latest"]
    assert record(out(project) / "latest")["number"] == 2


def test_definitions_that_share_scenarios_solve_each_once(
    command: Command, project: Path, solves: list[str]
) -> None:
    for name in ("one", "two", "three"):
        write_report(project, name, title=f"Report {name}")
    write_report(project, "long", horizon={"start": "2026-09-28", "weeks": 24})
    said = command("report", "one", "two", "three", "long", "tiny", "--date", DAY, "-q")
    assert said.code == 0, said.err
    assert solves == ["calm", "storm", "calm", "storm"]
    assert len(visible(project / "reports" / "out" / "store")) == 5  # four runs, and the data


def test_a_definition_that_fails_does_not_stop_the_others(command: Command, project: Path) -> None:
    write_report(project, "bad", base="rain")
    said = command("report", "bad", "missing", "tiny", "--date", DAY, "-q")
    assert said.code == 5
    assert "tiny, 2026-11-22: solved calm, storm." in said.out
    assert "bad was not made." in said.err
    assert 'REPORT-208  line 7, column 7: "rain" is not among the scenarios' in said.err
    assert 'missing was not made.\nThere is no report definition "missing"' in said.err
    assert visible(out(project)) == [DAY, "latest"]
    assert command("report", "bad", "--date", DAY, "-q").code == 3
    assert command("report", "missing", "--date", DAY, "-q").code == 7
    entries = command("report", "bad", "tiny", "--date", DAY, "--json").json["data"]["reports"]
    assert [e["status"] for e in entries] == ["failed", "up-to-date"]


def test_a_scenario_without_an_answer_leaves_the_last_report(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(project, "quiet", scenarios=["calm"], sections=["sectors"])
    assert command("report", "tiny", "quiet", "--date", DAY, "-q").code == 0
    later_storm(project, "2026-11-09")
    write_report(project, "quiet", scenarios=["calm"], title="Another title")
    original = solving.run_scenario

    def unsolved(request: Any, *given: Any) -> Any:
        if request.scenario == "storm":
            raise NotSolved("There is no answer.")
        return original(request, *given)

    monkeypatch.setattr(solving, "run_scenario", unsolved)
    said = command("report", "tiny", "quiet", "--date", "2026-11-29", "-q")
    assert said.code == 5
    assert "tiny was not made.\nThere is no answer." in said.err
    assert record(out(project) / "latest")["date"] == DAY
    assert record(out(project, "quiet") / "latest")["date"] == "2026-11-29"
    assert command("report", "tiny", "--date", "2026-11-29", "-q").code == 4


def test_several_workers_make_the_same_report(command: Command, project: Path) -> None:
    for place, words in (("one", ()), ("two", ("--workers", "2"))):
        said = command("report", "tiny", "--date", DAY, "-q", "-o", place, *words)
        assert said.code == 0, said.err
        assert "solved calm, storm." in said.out
    one, two = (project / place / "tiny" / DAY for place in ("one", "two"))
    for name in ("report.html", "brief.md"):
        assert (one / name).read_bytes() == (two / name).read_bytes()
    times = {"written": ""}
    assert {**record(one), **times} == {**record(two), **times}


def test_the_horizon_moves_with_the_day(command: Command, project: Path) -> None:
    write_report(project, "tiny", horizon={"start": "next monday", "weeks": 20})
    for day, start in (("2026-11-22", "2026-11-23"), ("2026-11-23", "2026-11-30")):
        assert command("report", "tiny", "--date", day, "-q").code == 0
        found = record(out(project) / "latest")
        horizons = [scenario["horizon"]["start"] for scenario in found["scenarios"].values()]
        assert horizons == [start, start]
    (moved,) = [c for c in found["changed"]["inputs"] if c["what"] == "horizon.start"]
    assert (moved["old"], moved["new"]) == ("2026-11-23", "2026-11-30")
    assert moved["scenarios"] == ["calm", "storm"]


def test_forms_that_were_asked_for_are_written(command: Command, project: Path) -> None:
    write_report(project, "tiny", forms=["xlsx", "csv"])
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    assert visible(out(project) / "latest") == [
        "brief.json", "brief.md", "csv", "report.json", "report.xlsx",
    ]  # fmt: skip
    csv = out(project) / "latest" / "csv" / "losses.csv"
    lines = csv.read_text().splitlines()
    assert lines[0] == "scenario,sector,region,week,lost_value_usd"
    assert {line.split(",")[0] for line in lines[1:]} == {"storm"}
    found = record(out(project) / "latest")
    book = load_workbook(out(project) / "latest" / "report.xlsx")
    assert book.sheetnames == [
        "readme", "alerts", "changed_inputs", "changed_results", "indicators", "losses",
    ]  # fmt: skip
    heads, _units, *rows = book["indicators"].iter_rows(values_only=True)
    world = {
        (row[0], row[1]): row[heads.index("lost_value_usd")] for row in rows if row[2] == "WORLD"
    }
    for (scenario, sector), value in world.items():
        assert value == pytest.approx(found["headline"][scenario][sector]["lost_value_usd"])
    assert "report.html" not in (out(project) / "latest" / "brief.md").read_text()


def test_a_form_that_cannot_be_made_leaves_the_rest_and_is_tried_again(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supplychain.report.pages import pdf

    write_report(project, "tiny", forms=["html", "pdf"])
    with monkeypatch.context() as without:
        without.setattr(pdf.shutil, "which", lambda _name: None)
        for _ in range(2):
            said = command("report", "tiny", "--date", DAY, "-q")
            assert said.code == 5
            assert "apt install chromium" in said.err
            assert (out(project) / "latest" / "report.html").is_file()
    monkeypatch.setattr(
        pdf, "print_page", lambda _page, target: target.write_bytes(b"%PDF") and target
    )
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    assert (out(project) / "latest" / "report.pdf").is_file()
    assert record(out(project) / "latest")["number"] == 1


def test_retention_keeps_the_newest(command: Command, project: Path) -> None:
    write_report(project, "tiny", retention={"reports": 2})
    for day in ("2026-11-01", "2026-11-08", "2026-11-15"):
        assert command("report", "tiny", "--date", day, "-q").code == 0
    assert visible(out(project)) == ["2026-11-08", "2026-11-15", "latest"]
    write_report(project, "tiny", retention={"reports": 2, "days": 30})
    said = command("report", "tiny", "--date", "2026-11-22", "-q")
    assert visible(out(project)) == ["2026-11-08", "2026-11-15", "2026-11-22", "latest"]
    said = command("report", "tiny", "--date", "2026-12-20", "-q")
    assert "Not kept any more: reports/out/tiny/2026-11-08" in said.out
    assert visible(out(project)) == ["2026-11-22", "2026-12-20", "latest"]


def test_a_day_of_the_past_leaves_the_latest_as_it_is(command: Command, project: Path) -> None:
    assert command("report", "tiny", "--date", DAY, "-q").code == 0
    later_storm(project, "2026-11-09")
    said = command("report", "tiny", "--date", "2026-11-01")
    assert said.code == 0
    assert "the clock" not in said.err
    assert record(out(project) / "2026-11-01")["changed"]["since"] is None
    assert record(out(project) / "latest")["date"] == DAY
    assert command("report", "tiny", "--date", "2026-11-29", "-q").code == 0
    assert record(out(project) / "latest")["changed"]["since"]["date"] == DAY


def test_a_clock_that_jumps_back_loses_nothing(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(project, "tiny", retention={"reports": 1, "days": 3})
    monkeypatch.setattr(command_module, "now", lambda: date(2026, 11, 22))
    assert command("report", "tiny", "-q").code == 0
    monkeypatch.setattr(command_module, "now", lambda: date(2026, 11, 20))
    later_storm(project, "2026-11-09")
    said = command("report", "tiny")
    assert said.code == 0
    assert "has the clock gone back?" in said.err
    assert visible(out(project)) == ["2026-11-20", DAY, "latest"]
    newest = record(out(project) / "latest")
    assert (newest["date"], newest["number"]) == ("2026-11-20", 2)
    assert newest["changed"]["since"]["date"] == DAY
    assert "up to date" in command("report", "tiny", "-q").out


def test_a_clock_that_is_right_again_brings_its_day_back_to_latest(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (22, 20, 22):
        monkeypatch.setattr(command_module, "now", lambda day=day: date(2026, 11, day))
        said = command("report", "tiny", "-q")
        assert said.code == 0
        assert record(out(project) / "latest")["date"] == f"2026-11-{day}"
    assert "up to date" in said.out


def test_a_week_that_went_by_is_no_news_and_a_tightening_is(
    command: Command, project: Path
) -> None:
    """Three Mondays: the horizon moves on each time, and before the third the storm comes sooner.

    From a start a week later the first stop comes a week later too, in this world without a past;
    the inputs of the last report over the new weeks tell that apart.
    """
    later_storm(project, "2026-11-16")
    for day, start in (("2026-11-02", "2026-09-28"), ("2026-11-09", "2026-10-05")):
        write_report(project, "tiny", horizon={"start": start, "weeks": 20})
        assert command("report", "tiny", "--date", day, "-q").code == 0
    quiet = record(out(project) / "2026-11-09")
    assert quiet["sentence"].startswith("Nothing moved but the calendar since 2 November 2026")
    assert quiet["changed"]["results"] == []
    assert quiet["changed"]["calendar"] != []
    assert quiet["alerts"] == []
    later_storm(project, "2026-11-02")
    write_report(project, "tiny", horizon={"start": "2026-10-12", "weeks": 20})
    assert command("report", "tiny", "--date", "2026-11-16", "-q").code == 0
    tightened = record(out(project) / "2026-11-16")
    assert [alert["name"] for alert in tightened["alerts"]] == ["sooner"]
    assert "first stops 3 weeks earlier" in tightened["alerts"][0]["said"]
    moved = [r for r in tightened["changed"]["results"] if r["measure"] == "first_week"]
    assert -3.0 in {r["moved"] for r in moved}
    assert all(r["moved"] in (-3.0, None) for r in moved)  # None: a stop that is new
    page = (out(project) / "2026-11-16" / "report.html").read_text()
    assert "What the calendar alone moved" in page
    brief = (out(project) / "2026-11-16" / "brief.md").read_text()
    assert "## What the calendar alone moved" in brief


def test_without_a_definition_it_says_so(command: Command) -> None:
    said = command("report")
    assert said.code == 2
    assert "Name a report definition" in said.err


def test_a_run_of_that_name_is_not_overwritten(command: Command, project: Path) -> None:
    assert command("run", "calm", "-q").code == 0
    write_report(project, "calm")
    said = command("report", "calm", "--date", DAY, "-q")
    assert said.code == 3
    assert "REPORT-401" in said.err
    assert (project / "reports/out/calm/run.json").is_file()
