"""`supplychain hindcast` with a made-up run in the place of the solver."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from supplychain.dataset import read_tables
from supplychain.runs.run_schema import Run
from supplychain.study import hindcast as study
from supplychain.study.hindcast_episodes import Episode
from supplychain.study.run_request import RunRequest
from tests.cli.conftest import Command
from tests.cli.worlds import TRUCE, made_run

MADE = {
    "hindcast-2025": ("2024-12-30", "ndfeb-light", "EUR"),
    "hindcast-2010": ("2010-07-05", "lace-oxide", "JPN"),
}


FIRST_FIRM = 22
"""The week in which the thinnest firms stand still: 2 June 2025."""


def stand_in(scenario: str = "hindcast-2025") -> Run:
    """Every week 1,000 t leave China: of magnets for Europe, or of oxide for Japan."""
    run = made_run(scenario, TRUCE)
    start, material, region = MADE[scenario]
    mondays = [str(day.date()) for day in pd.date_range(start, periods=53, freq="7D")]
    flows = pd.DataFrame(
        {
            "scenario": scenario,
            "material": material,
            "origin": "CHN",
            "destination": region,
            "customer": "auto-bev-eur",
            "week": mondays,
            "tonnes": 1000.0,
        }
    )
    plans = pd.DataFrame(
        {
            "sector": "auto",
            "segment": "auto-bev",
            "region": "EUR",
            "week": mondays,
            "planned": 10.0,
        }
    )
    first = mondays[FIRST_FIRM]
    firms = plans.drop(columns="planned").assign(share_short=0.1)
    record = {
        **run.record,
        "scenario": {"name": scenario, "horizon": {"start": start}},
        "warnings": ["review does not bind in any week; throughput does."],
    }
    indicators = run.tables["indicators"]
    dated = (indicators["sector"] == "auto") & (indicators["region"] == "EUR")
    indicators = indicators.assign(first_firm_week=dated.map({True: first, False: ""}))
    made = {
        "flows": flows,
        "shortfall": plans,
        "firms": firms[FIRST_FIRM:],
        "indicators": indicators,
    }
    return Run(record, {**run.tables, **made})


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> list[tuple[RunRequest, str]]:
    """Remembers what was asked; every answer is the run above against the shipped observations."""
    asked: list[tuple[RunRequest, str]] = []
    tables = read_tables()

    def solve(
        request: RunRequest,
        until: str,
        _on_progress: Callable[[int, int], None],
        episode: Episode,
    ) -> study.Hindcast:
        asked.append((request, until))
        return study.compared(stand_in(episode.scenario), tables, episode=episode)

    monkeypatch.setattr(study, "hindcast", solve)
    page = "supplychain.report.pages.run_page.write_run_page"
    monkeypatch.setattr(page, lambda _r, path: path.write_text("x"))
    return asked


def test_it_prints_the_errors_and_leaves_a_page_and_the_series(
    command: Command, solver: list[Any], tmp_path: Path
) -> None:
    said = command("hindcast", "-o", "out")
    assert said.code == 0
    assert "magnets-world" in said.out
    assert "Note: hindcast-2025: review does not bind in any week" in said.err
    assert solver[0][1] == "2025-12"
    page = (tmp_path / "out" / "hindcast.html").read_text(encoding="utf-8")
    assert "http-equiv" in page
    assert "Magnets to Germany" in page
    head, *lines = (tmp_path / "out" / "hindcast.csv").read_text().splitlines()
    assert head == "series,destination,month,until,observed_t,modelled_t,error"
    assert any(line.startswith("magnets-world,world,2025-05,2025-05,1238,") for line in lines)
    whole = json.loads((tmp_path / "out" / "hindcast.json").read_text())
    assert whole["modelled_exports"]["EUR"]["2025-05"] == pytest.approx(1000 * 31 / 7)
    assert (tmp_path / "out" / "hindcast-2025" / "run.json").is_file()
    assert whole["first_firm"]["auto"]["EUR"] == "2025-06-02"
    assert set(whole["first_firm"]) == set(whole["first_loss"])


@pytest.mark.usefixtures("solver")
def test_first_firms_and_surveys_are_shown_beside_what_was_reported(
    command: Command, tmp_path: Path
) -> None:
    said = command("hindcast", "-o", "out")
    assert "first firm stands still" in said.out
    stop = next(line for line in said.out.splitlines() if "EUR" in line and "8.7" in line)
    assert stop.split() == ["2025-06-02", "auto", "EUR", "8.7", "8.4"]
    assert "short-auto-germany" in said.out
    page = (tmp_path / "out" / "hindcast.html").read_text(encoding="utf-8")
    assert "Car parts makers in Europe" in page
    assert "German car industry" in page
    whole = json.loads((tmp_path / "out" / "hindcast.json").read_text())
    july = next(p for p in whole["firms_short"] if p["month"] == "2025-07")
    assert (july["series"], july["observed"]) == ("short-auto-germany", 0.071)
    assert july["modelled"] == pytest.approx(0.1)
    europe = next(s for s in whole["first_stops"] if s["region"] == "EUR")
    assert (europe["weeks"], europe["modelled"]) == (8.7, "2025-06-02")


@pytest.mark.usefixtures("solver")
def test_a_missed_error_ends_with_six(command: Command) -> None:
    said = command("hindcast", "-o", "out", "--max-error", "0.01", "--json")
    assert said.code == 6
    assert said.json["errors"][0]["code"] == "CHECK-201"
    assert set(said.json["data"]) >= {"series", "modelled_exports", "first_loss", "mape"}
    assert command("hindcast", "-o", "out", "--max-error", "9").code == 0


def test_until_is_handed_on(command: Command, solver: list[Any]) -> None:
    assert command("hindcast", "-o", "out", "--until", "2026-03").code == 0
    assert solver[0][1] == "2026-03"


def test_another_episode_is_compared_in_shares(
    command: Command, solver: list[Any], tmp_path: Path
) -> None:
    said = command("hindcast", "--episode", "2010", "-o", "out")
    assert said.code == 0
    assert (solver[0][0].scenario, solver[0][1]) == ("hindcast-2010", "2010-12")
    assert "The network is that of 2024" in said.out
    page = (tmp_path / "out" / "hindcast.html").read_text(encoding="utf-8")
    assert "The halt to Japan in 2010" in page
    assert "points" in page
    head, *lines = (tmp_path / "out" / "hindcast.csv").read_text().splitlines()
    assert head == "series,destination,month,until,observed_share,modelled_share,error"
    assert "rare-earths-japan,JPN,2010-10,2010-10,0.57,1.033,0.4633" in lines
    whole = json.loads((tmp_path / "out" / "hindcast.json").read_text())
    assert (whole["episode"], whole["unit"]) == ("2010", "share")
    assert whole["modelled_exports"]["JPN"]["2010-10"] == pytest.approx(1000 * 31 / 7)
    assert set(whole) >= {"series", "first_loss", "mape", "reference"}
    assert command("hindcast", "--episode", "2010", "-o", "out", "--max-error", "0.1").code == 6


@pytest.mark.parametrize(
    "words",
    [
        ("--until", "2026-13"),
        ("--until", "2025-01"),
        ("--weeks", "3"),
        ("--episode", "1973"),
        ("--episode", "2010", "--until", "2010-09"),
        ("--episode", "2010", "--fit"),
    ],
)
@pytest.mark.usefixtures("solver")
def test_what_cannot_be_is_refused(command: Command, words: tuple[str, ...]) -> None:
    assert command("hindcast", *words).code == 2
