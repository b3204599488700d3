from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pandas as pd
import pytest

from supplychain.dataset.schema_demand import SECTORS
from supplychain.report import loss_summary
from supplychain.report.figure import SECTOR_COLOURS
from supplychain.report.figures import cover_figure, flow_tracing, loss_figures, timeline_figures
from supplychain.report.figures.flow_figure import _opens_at, flows
from supplychain.report.figures.licence_figure import licences
from supplychain.report.pages.html_page import sector_style
from supplychain.report.pages.run_page import run_figures
from supplychain.report.run_view import View, once_a_view
from supplychain.runs.run_schema import Run

FIGURES = [
    "loss-by-week", "loss-map", "loss-by-place", "firms", "cover-needed", "avoided", "flows",
    "cover", "licences", "what-helps", "timeline", "marginal-values",
]  # fmt: skip


def test_the_page_has_every_figure_with_words_and_marks(run: Run) -> None:
    figures = run_figures(View(run))
    assert [figure.id for figure in figures] == FIGURES
    for figure in figures:
        if figure.id == "what-helps":
            assert not figure.drawn, "nothing was solved to help"
            continue
        assert figure.drawn, figure.id
        assert figure.title
        assert figure.caption
        assert figure.unit
        assert figure.summary.endswith(".")
        assert figure.table.rows
        assert all(len(row) == len(figure.table.columns) for row in figure.table.rows)


def test_a_run_without_loss_has_words_in_place_of_empty_figures(calm: Run) -> None:
    for figure in run_figures(View(calm)):
        assert figure.drawn or figure.empty


def test_a_run_with_empty_tables_still_has_all_figures(run: Run) -> None:
    kept = {"shortfall", "indicators", "regions"}
    tables = {name: table for name, table in run.tables.items() if name in kept}
    figures = run_figures(View(dataclasses.replace(run, tables=tables)))
    assert [figure.id for figure in figures] == FIGURES


def test_what_figures_share_is_found_once_for_each_view(run: Run, calm: Run) -> None:
    found: list[str] = []

    @once_a_view
    def name(view: View) -> str:
        found.append(view.name)
        return view.name

    one, other = View(run), View(calm)
    assert [name(view) for view in (one, other, one)] == [one.name, other.name, one.name]
    assert found == [one.name, other.name]


def test_the_map_shows_the_shares_of_the_indicators(run: Run) -> None:
    view = View(run)
    marks = loss_figures.loss_map(view).charts[0].traces[0]
    rows = run.tables["indicators"].set_index(["region", "sector"])["lost_share"]
    for i, region in enumerate(view.regions):
        for j, sector in enumerate(view.sectors):
            assert marks["z"][i][j] == pytest.approx(rows[region, sector] * 100, rel=1e-3)


def test_weekly_bars_add_up_to_the_lost_value(run: Run) -> None:
    traces = loss_figures.loss_by_week(View(run)).charts[0].traces
    drawn = sum(sum(t["y"]) for t in traces if t["meta"]["region"] == "") * 1e6
    assert drawn == pytest.approx(run.tables["shortfall"]["lost_value_usd"].sum(), rel=1e-3)


def test_weekly_shares_average_to_the_share_of_the_indicators(run: Run) -> None:
    weekly = loss_summary.weekly(View(run)).replace({"region": {"": "WORLD"}})
    mean = weekly.groupby(["sector", "region"])["share"].mean()
    for row in run.tables["indicators"].to_dict("records"):
        assert mean[row["sector"], row["region"]] == pytest.approx(row["lost_share"])


def test_regimes_within_the_horizon_get_letters(run: Run) -> None:
    known = timeline_figures.entries(View(run))
    assert [e["letter"] for e in known if e["letter"]] == ["A", "B"]
    assert known == sorted(known, key=lambda e: e["effective"])


def test_deliveries_in_the_flows_are_those_of_the_table(run: Run) -> None:
    view = View(run)
    actual, _ = flow_tracing.prepared(view)
    mine = actual[(actual["element"] == "ndpr") & (actual["block"] == 3)]
    found = flow_tracing.delivered(flow_tracing.links(mine, ["CHN", "JPN"], (0, 1, 2, 3)))
    table = run.tables["flows"]
    weeks = flow_tracing.blocks(view)[3]
    rows = table[table["week"].isin(weeks) & (table["customer"] != "")]
    content = run.tables["material_content"].query("element == 'ndpr'")
    rows = rows.merge(content, on="material")
    assert found == pytest.approx((rows["tonnes"] * rows["content"]).sum() / len(weeks))


def test_what_a_step_takes_from_its_own_region_closes_its_balance() -> None:
    frame = pd.DataFrame(
        [
            (3, "JPN", "JPN", "auto", 10.0),
            (2, "CHN", "JPN", "", 6.0),
            (1, "CHN", "SEA", "", 1.0),
            (0, "AUS", "JPN", "", 2.0),
        ],
        columns=["step", "origin", "destination", "sector", "tonnes"],
    )
    found = flow_tracing.links(frame, ["CHN", "JPN", "AUS", "SEA"], (0, 1, 2, 3)).tonnes
    assert found[(2, "CHN"), (3, "JPN")] == 6.0
    assert found[(2, "JPN"), (3, "JPN")] == 4.0
    assert found[(1, "JPN"), (2, "JPN")] == 4.0
    assert found[(0, "AUS"), (1, "JPN")] == 2.0
    assert found[(0, "JPN"), (1, "JPN")] == 2.0
    assert found[(1, "CHN"), (2, "CHN")] == 6.0
    assert (1, "SEA") not in {node for ends in found for node in ends}


def test_an_element_without_metal_skips_that_step(run: Run) -> None:
    assert flow_tracing.steps_of(View(run))["y"] == (0, 3)
    frame = pd.DataFrame(
        [(3, "EUR", "EUR", "auto", 2.0), (1, "CHN", "EUR", "", 2.0)],
        columns=["step", "origin", "destination", "sector", "tonnes"],
    )
    found = flow_tracing.links(frame, ["CHN", "EUR"], (0, 1, 3)).tonnes
    assert found[(1, "CHN"), (3, "EUR")] == 2.0
    assert found[(0, "CHN"), (1, "CHN")] == 2.0


def test_what_is_mined_and_not_used_does_not_show() -> None:
    frame = pd.DataFrame(
        [(1, "CHN", "CHN", "other", 1.0), (0, "MMR", "CHN", "", 30.0), (0, "AUS", "CHN", "", 10.0)],
        columns=["step", "origin", "destination", "sector", "tonnes"],
    )
    found = flow_tracing.links(frame, ["CHN", "MMR", "AUS"], (0, 1)).tonnes
    assert found[(0, "MMR"), (1, "CHN")] == pytest.approx(0.75)
    assert found[(0, "AUS"), (1, "CHN")] == pytest.approx(0.25)


def test_every_step_passes_on_what_is_delivered(run: Run) -> None:
    actual, _ = flow_tracing.prepared(View(run))
    mine = actual[(actual["element"] == "dy") & (actual["block"] == 5)]
    found = flow_tracing.links(mine, ["CHN", "JPN"], (0, 1, 2, 3))
    total = flow_tracing.delivered(found)
    for step in range(4):
        assert sum(t for (s, _), t in found.tonnes.items() if s[0] == step) == pytest.approx(total)


def test_the_part_of_a_sector_keeps_the_proportions_of_every_step() -> None:
    frame = pd.DataFrame(
        [
            (1, "CHN", "CHN", "auto", 3.0),
            (1, "CHN", "CHN", "other", 1.0),
            (0, "MMR", "CHN", "", 2.0),
        ],
        columns=["step", "origin", "destination", "sector", "tonnes"],
    )
    every = flow_tracing.links(frame, ["CHN", "MMR"], (0, 1))
    found = flow_tracing.of_sector(every, "auto").tonnes
    assert found[(0, "MMR"), (1, "CHN")] == 1.5
    assert found[(0, "CHN"), (1, "CHN")] == 1.5
    parts = [flow_tracing.of_sector(every, s).tonnes for s in ("auto", "other")]
    for ends, tonnes in every.tonnes.items():
        assert sum(part.get(ends, 0.0) for part in parts) == pytest.approx(tonnes)


def test_what_is_missing_makes_up_the_usual_deliveries() -> None:
    node = (flow_tracing.SECTOR_STEP, "auto")
    usual = flow_tracing.Links({((3, "CHN"), node): 10.0})
    actual = flow_tracing.Links({((3, "CHN"), node): 4.0})
    assert flow_tracing.delivered(flow_tracing.with_missing(actual, usual)) == 10.0
    assert flow_tracing.with_missing(usual, usual).tonnes == usual.tonnes


def test_flows_name_what_the_losing_sector_lacks(run: Run) -> None:
    figure = flows(View(run))
    assert "when auto loses most" in figure.summary
    assert "less neodymium" in figure.summary
    assert {t["meta"]["element"] for t in figure.charts[1].traces} == {"ndpr", "dy", "sm", "y"}


def test_flows_open_at_an_element_of_the_material_that_binds(run: Run) -> None:
    short = {"y": 0.9, "dy": 0.1, "ndpr": 0.2}
    assert _opens_at(View(run), "auto", list(short), short) == "ndpr"
    assert _opens_at(View(run), "auto", ["y", "sm"], {"y": 0.9, "sm": 0.1}) == "y"
    assert _opens_at(View(run), "", ["dy"], short) == "dy"


def test_cover_is_that_of_the_material_that_stands_worst(run: Run) -> None:
    frame = cover_figure.customer_cover(View(run))
    stocks = run.tables["stocks"].merge(run.tables["customers"][["customer", "sector"]])
    part = stocks["weeks_of_cover"] / stocks["target_weeks"]
    least = part.groupby([stocks["sector"], stocks["region"], stocks["week"]]).min()
    for row in frame.sample(50, random_state=1).to_dict("records"):
        assert row["part"] == least[row["sector"], row["region"], row["week"]]


def test_cover_without_targets_is_measured_against_the_first_week(run: Run) -> None:
    tables = {name: table for name, table in run.tables.items() if name != "targets"}
    view = View(dataclasses.replace(run, tables=tables))
    frame = cover_figure.customer_cover(view)
    assert frame[frame["week"] == view.weeks[0]]["part"].eq(1.0).all()
    assert "first week" in cover_figure.cover(view).caption


def test_licences_show_a_control_that_waits_first(runs: Callable[..., Run]) -> None:
    figure = licences(View(runs(weeks=52)))
    assert [choice.name for choice in figure.choices] == ["control", "destination"]
    granted = [t for t in figure.charts[0].traces if t["name"] == "Granted"]
    table = runs(weeks=52).tables["licences"]
    control = granted[0]["meta"]["control"]
    rows = table[(table["control"] == control)]
    assert sum(granted[0]["y"]) == pytest.approx(rows["granted_t"].sum(), rel=1e-2)


def test_every_sector_has_its_colour_in_figures_and_on_the_page() -> None:
    assert list(SECTOR_COLOURS) == list(SECTORS)
    assert len(set(SECTOR_COLOURS.values())) == len(SECTORS)
    assert all(f".sector-{name} {{ border-left-color: #" in sector_style() for name in SECTORS)
