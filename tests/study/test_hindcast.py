"""The month split, the errors, and how a run is held against observations: all by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from supplychain.dataset import Tables, read_tables
from supplychain.errors import InvalidInput
from supplychain.policy import regimes
from supplychain.runs.run_schema import Run
from supplychain.scenario.load_scenario import load_scenario
from supplychain.study import calibration
from supplychain.study.calibration import fitted_frame, knobs_of, least, objective
from supplychain.study.hindcast import (
    Point,
    as_json,
    by_month,
    compared,
    mape,
    months_between,
    share_of,
    short_by_month,
    trade_of,
    weeks_until,
    weights_of,
)
from supplychain.study.hindcast_episodes import (
    EPISODES,
    MAGNETS,
    MAGNETS_2025,
    Episode,
    Series,
    Survey,
)

TINY = Path(__file__).parent.parent / "worlds" / "tiny"


def test_a_week_is_spread_over_the_days_of_its_months() -> None:
    weekly = {"2025-04-28": 70.0, "2025-05-05": 7.0}
    assert by_month(weekly) == {"2025-04": pytest.approx(30.0), "2025-05": pytest.approx(47.0)}
    year = {f"2025-01-{day:02d}": 7.0 for day in (6, 13, 20, 27)}
    assert sum(by_month(year).values()) == pytest.approx(28.0)


def test_months_and_weeks_run_to_the_end_asked_for() -> None:
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert weeks_until(date(2024, 12, 30), "2026-03") == 66


def point(month: str, observed: float | None, modelled: float) -> Point:
    return Point("magnets-usa", "USA", month, month, observed, modelled)


def test_the_mean_error_counts_the_months_of_its_window_alone() -> None:
    points = [
        point("2025-04", 200.0, 220.0),
        point("2025-05", 100.0, 70.0),
        point("2025-06", None, 500.0),
        point("2025-09", 400.0, 400.0),
    ]
    assert mape(points, "magnets-usa", "2025-04", "2025-08") == pytest.approx(0.2)
    assert mape(points, "magnets-usa", "2025-04", "2025-12") == pytest.approx(0.4 / 3)
    assert mape(points, "magnets-japan", "2025-04", "2025-12") is None


def test_a_month_of_next_to_nothing_has_no_percentage() -> None:
    points = [point("2025-04", 100.0, 90.0), point("2025-05", 0.0, 1.0), point("2025-06", 0.5, 5.0)]
    assert points[1].error is None
    assert mape(points, "magnets-usa", "2025-04", "2025-12") == pytest.approx(0.1)


def seen(month: date, tonnes: float, series: str, until: date | None = None) -> dict[str, object]:
    return {
        "series": series,
        "destination": "world",
        "month": pd.Timestamp(month),
        "until": pd.NaT if until is None else pd.Timestamp(until),
        "value": tonnes,
        "unit": "t",
    }


@pytest.fixture(scope="module")
def tables() -> Tables:
    found = read_tables(TINY)
    rows = pd.DataFrame(
        [
            seen(date(2025, 2, 1), 100.0, "magnets-world"),
            seen(date(2025, 4, 1), 90.0, "magnets-world"),
            seen(date(2025, 5, 1), 200.0, "magnets-world", date(2025, 6, 30)),
            seen(date(2025, 4, 1), 10.0, "magnets-germany"),
            {**seen(date(2025, 7, 1), 0.071, "short-auto-germany"), "unit": "share"},
            {**seen(date(2025, 6, 1), 8.7, "first-stop-europe"), "unit": "week", "high": 9.0},
            {**seen(date(2025, 5, 1), 7.0, "first-stop-usa"), "unit": "week", "low": 6.5},
        ]
    )
    content = found["material_content"]
    metal = content[content["material"] == "dy-oxide"].assign(material="dy-metal", value=1.1477)
    frames = {"observations": rows, "material_content": pd.concat([content, metal])}
    return replace(found, frames={**found.frames, **frames})


def made_run() -> Run:
    """70 t of light magnets to Europe in every week of 2025, and some rows that do not count."""
    mondays = [str(day.date()) for day in pd.date_range("2024-12-30", "2025-12-29", freq="7D")]
    europe = [("ndfeb-light", "CHN", "EUR", week, 70.0) for week in mondays]
    others = [
        ("ndfeb-light", "EUR", "USA", mondays[20], 1e6),
        ("smco", "CHN", "EUR", mondays[20], 1e6),
    ]
    home = [("ndfeb-heavy", "CHN", "CHN", mondays[20], 1e6)]
    flows = pd.DataFrame(
        [*europe, *others, *home], columns=["material", "origin", "destination", "week", "tonnes"]
    )
    loss = pd.DataFrame(
        {
            "sector": ["auto", "auto", "auto"],
            "region": ["WORLD", "EUR", "USA"],
            "first_week": ["2025-06-02", "2025-06-09", ""],
            "first_firm_week": ["2025-06-30", "2025-06-30", None],
        }
    )
    plans = pd.DataFrame(
        [
            ("auto", segment, region, week, planned)
            for segment, region, planned in (
                ("auto-bev", "EUR", 10.0),
                ("auto-ice", "EUR", 30.0),
                ("auto-bev", "USA", 90.0),
            )
            for week in mondays
        ],
        columns=["sector", "segment", "region", "week", "planned"],
    )
    record = {"scenario": {"horizon": {"start": "2024-12-30"}}}
    tables = {"flows": flows, "indicators": loss, "shortfall": plans, "firms": made_firms()}
    return Run(record, tables)


def made_firms() -> pd.DataFrame:
    """Weeks with an empty shelf: electric cars of Europe in July, others never or elsewhere."""
    rows = [
        ("auto", "auto-bev", "EUR", "2025-06-30", 0.4),
        ("auto", "auto-bev", "EUR", "2025-07-14", 0.2),
        ("auto", "auto-ice", "EUR", "2025-07-14", 0.01),
        ("auto", "auto-bev", "USA", "2025-07-14", 0.9),
    ]
    columns = ["sector", "segment", "region", "week", "share_short"]
    return pd.DataFrame(rows, columns=columns)


def test_a_run_is_held_against_what_was_seen(tables: Tables) -> None:
    found = compared(made_run(), tables)
    world = {(p.month, p.until): p for p in found.points if p.series == "magnets-world"}
    assert world["2025-04", "2025-04"].modelled == pytest.approx(300.0)
    assert world["2025-04", "2025-04"].error == pytest.approx(300.0 / 90.0 - 1.0)
    assert world["2025-05", "2025-06"].modelled == pytest.approx(610.0)
    assert world["2025-03", "2025-03"].observed is None
    germany = next(p for p in found.points if p.series == "magnets-germany" and p.observed)
    german = tables.assumption("german_share_of_european_imports")
    assert 0.4 < german < 0.55
    assert germany.modelled == pytest.approx(300.0 * german)
    assert share_of(MAGNETS_2025.series["magnets-usa"], tables) == 1.0
    expected = (abs(300.0 / 90.0 - 1.0) + 610.0 / 200.0 - 1.0) / 2
    assert found.mape()["magnets-world"] == pytest.approx(expected)


def test_every_region_has_every_month_and_the_json_says_all(tables: Tables) -> None:
    data = as_json(compared(made_run(), tables))
    regions = set(tables["regions"]["region"]) - {"CHN"}
    assert set(data["modelled_exports"]) == regions
    assert all(len(months) == 12 for months in data["modelled_exports"].values())
    assert data["modelled_exports"]["EUR"]["2025-01"] == pytest.approx(310.0)
    assert data["first_loss"] == {"auto": {"EUR": "2025-06-09", "USA": None}}
    assert data["first_firm"] == {"auto": {"EUR": "2025-06-30", "USA": None}}
    assert set(data) >= {"series", "modelled_exports", "first_loss", "mape"}
    assert {"first_stops", "firms_short"} <= set(data)


def test_firms_short_of_input_are_those_with_an_empty_shelf_by_output() -> None:
    """July 2025: six days of the week before, then whole weeks; a quarter of output is electric."""
    survey = Survey("", "EUR", ("auto-bev", "auto-ice"), "")
    found = short_by_month(made_run(), survey)
    first, third = 0.4 * 10 / 40, (0.2 * 10 + 0.01 * 30) / 40
    assert found["2025-07"] == pytest.approx((6 * first + 7 * third) / 31)
    assert found["2025-06"] == pytest.approx(first / 30)
    assert found["2025-05"] == 0.0


def test_what_firms_said_and_the_first_stops_stand_beside_the_model(tables: Tables) -> None:
    found = compared(made_run(), tables)
    [point] = found.firms_short
    assert (point.series, point.month, point.observed) == ("short-auto-germany", "2025-07", 0.071)
    assert point.modelled == pytest.approx((6 * 0.1 + 7 * 0.0575) / 31)
    assert point.error == pytest.approx(point.modelled - 0.071)
    stops = {stop.region: stop for stop in found.first_stops}
    assert (stops["EUR"].low, stops["EUR"].weeks, stops["EUR"].high) == (8.7, 8.7, 9.0)
    assert stops["EUR"].modelled == "2025-06-30"
    assert stops["EUR"].modelled_weeks == pytest.approx(87 / 7)
    assert (stops["USA"].low, stops["USA"].high) == (6.5, 7.0)
    assert stops["USA"].modelled is None
    assert stops["USA"].modelled_weeks is None


def test_imports_are_counted_when_they_arrive() -> None:
    flows = pd.DataFrame(
        [
            ("lace-oxide", "CHN", "JPN", "2010-09-20", 7.0),
            ("lace-oxide", "CHN", "USA", "2010-09-20", 7.0),
            ("ndfeb-light", "CHN", "JPN", "2010-09-20", 7.0),
        ],
        columns=["material", "origin", "destination", "week", "tonnes"],
    )
    leaving = Series("", {"lace-oxide": 1.0}, "JPN")
    assert trade_of(flows, leaving, {"JPN": 1, "USA": 4}) == {"2010-09": pytest.approx(7.0)}
    arriving = replace(leaving, on_arrival=True)
    found = trade_of(flows, arriving, {"JPN": 1, "USA": 4})
    assert found == {"2010-09": pytest.approx(4.0), "2010-10": pytest.approx(3.0)}


def test_an_element_is_counted_by_what_its_metal_holds(tables: Tables) -> None:
    series = MAGNETS_2025.series["dysprosium-world"]
    oxide = tables.values("material_content")["dy-metal", "dy"]
    assert oxide == pytest.approx(1.1477)  # Dy2O3: 373.00 g over 2 x 162.50 g (IUPAC)
    found = weights_of(series, tables)
    assert found == {"dy-oxide": pytest.approx(1.0 / oxide), "dy-metal": 1.0}
    assert weights_of(MAGNETS_2025.series["magnets-usa"], tables) == MAGNETS
    content = tables["material_content"]
    less = replace(
        tables,
        frames={**tables.frames, "material_content": content[content["material"] != "dy-metal"]},
    )
    with pytest.raises(InvalidInput) as caught:
        weights_of(series, less)
    assert caught.value.problems[0].file == "material_content.csv"


def test_shares_are_compared_with_each_ones_own_reference() -> None:
    """What was seen may be nothing: errors are differences, and every month counts."""
    points = [
        Point("x", "JPN", "2010-10", "2010-10", 0.57, 0.5, "share"),
        Point("x", "JPN", "2010-11", "2010-11", 0.0, 0.25, "share"),
    ]
    assert [p.error for p in points] == [pytest.approx(-0.07), pytest.approx(0.25)]
    assert mape(points, "x", "2010-10", "2010-12") == pytest.approx(0.16)


def test_a_run_is_held_against_shares_of_the_reference(tables: Tables) -> None:
    """The made run sends 70 t a week throughout: every month is about the reference."""
    observed = pd.DataFrame(
        [
            {**seen(date(2025, 6, 1), 0.5, "x"), "unit": "share"},
            {**seen(date(2025, 7, 1), 0.0, "x", date(2025, 8, 31)), "unit": "share"},
        ]
    )
    world = replace(tables, frames={**tables.frames, "observations": observed})
    episode = replace(
        MAGNETS_2025,
        series={"x": Series("", {"ndfeb-light": 1.0}, "EUR", on_arrival=True)},
        headline="x",
        first="2025-06",
        reference=("2025-03", "2025-04"),
        windows=MAGNETS_2025.windows[:1],
    )
    points = {p.month: p for p in compared(made_run(), world, "2025-08", episode).points}
    assert min(points) == "2025-03"  # what arrives in February left before the start
    assert points["2025-06"].modelled == pytest.approx(300.0 / 305.0)
    assert points["2025-06"].error == pytest.approx(300.0 / 305.0 - 0.5)
    assert points["2025-07"].modelled == pytest.approx(310.0 / 305.0)


@pytest.mark.parametrize("episode", EPISODES.values(), ids=EPISODES)
def test_every_episode_is_whole(episode: Episode) -> None:
    """Its series are observed in its unit, its materials exist, its scenario covers its months."""
    real = read_tables()
    scenario = load_scenario(episode.scenario, real)
    rows = real.records("observations")
    for name, series in episode.series.items():
        assert {r["unit"] for r in rows if r["series"] == name} == {episode.unit}
        assert set(series.weights) <= set(real["materials"]["material"])
    assert episode.headline in episode.series
    assert set(episode.fitted) <= set(episode.series)
    assert episode.windows[0].first == episode.first
    assert scenario.weeks == weeks_until(scenario.start, episode.last)
    assert set(episode.stops) | set(episode.surveys) <= {r["series"] for r in rows}
    assert not set(episode.fitted) & (set(episode.stops) | set(episode.surveys))
    units = {r["segment"]: r["unit"] for r in real.records("segments")}
    for survey in episode.surveys.values():
        assert len({units[segment] for segment in survey.segments}) == 1
    if episode.reference:
        effective = min(entry.effective for entry in scenario.timeline)
        assert scenario.start.isoformat()[:7] <= episode.reference[0]
        assert episode.reference[1] <= effective.isoformat()[:7] < episode.last


def exact() -> dict[str, dict[str, float]]:
    return {name: {"2025-04": 100.0} for name in MAGNETS_2025.fitted}


def test_the_objective_weighs_squared_relative_errors_and_the_way_from_the_priors() -> None:
    known = knobs_of(read_tables())
    prior = {k.name: k.prior for k in known}
    assert objective(exact(), exact(), prior, known) == 0.0
    off = {**exact(), "magnets-world": {"2025-04": 110.0}}
    assert objective(off, exact(), prior, known) == pytest.approx(2.0 * 0.01)
    moved = {**prior, "onset": 1.0}
    assert objective(exact(), exact(), moved, known) == pytest.approx(calibration.PULL * 0.25)


def test_germany_and_europe_weigh_as_one_series() -> None:
    """Germany is a part of Europe: what is seen twice is counted once."""
    weights = calibration.WEIGHTS
    assert set(weights) == set(MAGNETS_2025.fitted)
    assert weights["magnets-germany"] + weights["magnets-europe"] == weights["magnets-usa"]


def test_priors_and_ranges_of_the_fit_are_those_of_the_data() -> None:
    tables = read_tables()
    known = {k.name: (k.low, k.prior, k.high) for k in knobs_of(tables)}
    assert known["controlled_share"] == (0.3, 0.4, 0.5)
    assert known["backlog"] == (0.35, 0.7, 0.85)
    assert known["review"] == (4.0, 6.0, 8.0)
    rows = tables["assumptions"].copy()
    rows.loc[rows["assumption"] == "controlled_magnet_share", "low"] = 0.2
    other = replace(tables, frames={**tables.frames, "assumptions": rows})
    assert knobs_of(other)[0].low == 0.2


def test_the_fit_finds_the_least_within_the_bounds() -> None:
    known = knobs_of(read_tables())
    prior = {k.name: k.prior for k in known}
    found = least(lambda k: (k["review"] - 99.0) ** 2 + (k["onset"] - 0.2) ** 2, prior, 2000, known)
    assert found["review"] == pytest.approx(8.0, abs=0.01)
    assert found["onset"] == pytest.approx(0.2, abs=0.05)
    twice = [least(lambda k: k["review"], prior, 50, known) for _ in range(2)]
    assert twice[0] == twice[1]


def test_fitted_rows_hold_instead_of_the_prior_and_leave_it_as_it_is() -> None:
    real = read_tables()
    prior = regimes.read_policy(calibration.with_rows(real, real["fitted_parameters"].iloc[:0]))
    knobs = {k.name: k.prior for k in knobs_of(real)}
    frame = fitted_frame(calibration.Translation(real, prior), knobs, {"onset": (0.0, 1.0)})
    assert (frame["low"] <= frame["value"]).all()
    assert (frame["value"] <= frame["high"]).all()
    assert set(frame["regime"]) >= {"licensing-slow", "licensing-fast", "suspended-truce"}
    assert not set(frame["regime"]) & {"customs-stop", "customs-release", "licensing-onset-minor"}
    key = ("licensing-fast", "cn-2025-18-magnets", "EUR", "civil", "throughput")
    policy = regimes.read_policy(calibration.with_rows(real, frame))
    assert policy.parameter(*key) < prior.parameter(*key)
    military = ("licensing-fast", "cn-2025-18-magnets", "EUR", "military", "general_share")
    assert policy.parameter(*military) == prior.parameter(*military) == 0.0
