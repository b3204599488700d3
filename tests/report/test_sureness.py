"""Every number in the words of the page, recomputed from the tables by other code."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, timedelta

import pytest

from supplychain import formatting
from supplychain.report import page_tables
from supplychain.report.figures.measure_figures import what_helps
from supplychain.report.pages.run_page import run_figures, run_sureness, sector_briefs
from supplychain.report.run_view import View
from supplychain.runs.run_schema import Run
from tests.report.said_numbers import close, number

MONTHS = {m: i for i, m in enumerate(formatting.MONTHS, 1)}


def spoken_day(text: str) -> date:
    found = re.search(r"(\d+) ([A-Z][a-z]+) (\d{4})", text)
    assert found
    return date(int(found[3]), MONTHS[found[2]], int(found[1]))


def week_shares(run: Run, sector: str) -> dict[tuple[str, str], float]:
    """Share not made when planned by region and week, in the unit of the indicators."""
    rows = run.tables["shortfall"].set_index("sector").loc[[sector]]
    values = run.tables["customers"].drop_duplicates("segment").set_index("segment")
    worth = rows["segment"].map(values["value_added_usd_per_unit"])
    if rows["unit"].nunique() == 1:
        worth = worth * 0.0 + 1.0
    rows = rows.assign(lost=rows["lost"] * worth, planned=rows["planned"] * worth)
    found: dict[tuple[str, str], float] = {}
    for (region, week), part in rows.groupby(["region", "week"]):
        share = part["lost"].sum() / part["planned"].sum()
        found[str(region), str(week)] = float(share)
    return found


def test_how_sure_a_loss_is_follows_from_the_weeks(run: Run) -> None:
    for brief in sector_briefs(View(run)):
        shares = week_shares(run, brief["id"])
        said = re.fullmatch(
            r"(Clear|Near the line): (\d+) of (\d+) weeks have a stop somewhere; "
            r"the worst loses ([\d.]+) % in .+, in the week of (.+)\.",
            brief["sure"],
        )
        assert said, brief["sure"]
        rows = run.tables["shortfall"].query(f"sector == '{brief['id']}'")
        assert int(said[2]) == rows[rows["lost"] > 0.02 * rows["planned"]]["week"].nunique()
        assert int(said[3]) == 104
        worst = max(shares.values())
        assert close(float(said[4]) / 100, worst)
        assert (said[1] == "Clear") == (worst >= 0.1)
        at_worst = {week for (_, week), s in shares.items() if s >= worst * 0.999}
        assert spoken_day(said[5]).isoformat() in at_worst


def test_a_sector_without_loss_tells_what_stock_it_has_to_spare(calm: Run) -> None:
    for brief in sector_briefs(View(calm)):
        assert brief["sure"].startswith("Clear: no group of customers falls below 100 %")
    stocks = calm.tables["stocks"]
    low = (stocks["customer"] == "auto-ice-jpn") & (stocks["week"] == "2027-02-01")
    cover = stocks["weeks_of_cover"].where(~low, stocks["weeks_of_cover"] * 0.31)
    tight = {**calm.tables, "stocks": stocks.assign(weeks_of_cover=cover)}
    briefs = sector_briefs(View(dataclasses.replace(calm, tables=tight)))
    assert {b["id"]: b["sure"] for b in briefs}["auto"] == (
        "Little to spare: in Japan the stock of NdFeB magnets without heavies falls to 31 % of "
        "its target, in the week of 1 February 2027."
    )


def test_what_the_run_stands_on_is_counted() -> None:
    kinds = ["assumed"] * 3 + ["fitted", "measured"]
    said = run_sureness({"assumptions": [{"kind": kind} for kind in kinds]})
    assert "4 of its 5 assumptions are judgements or fitted" in said
    assert run_sureness({}) == ""


def test_the_calendar_has_the_date_and_the_number_of_each_first_stop(run: Run) -> None:
    view = View(run)
    table = page_tables.first_stops(view)
    first = run.tables["indicators"].set_index(["region", "sector"])["first_week"]
    begin = min(run.tables["shortfall"]["week"])
    for region, row in zip(view.regions, table.rows, strict=True):
        for sector, cell in zip(view.sectors, row[1:], strict=True):
            week = first[region, sector]
            if not week:
                assert cell.text == "no stop"
                continue
            said = re.fullmatch(r"(\d+ [A-Z][a-z]{2} \d{4}), week (\d+)", cell.text)
            assert said
            assert formatting.short_day(week) == said[1]
            from_start = date.fromisoformat(begin) + timedelta(weeks=int(said[2]) - 1)
            assert from_start.isoformat() == week


def test_no_lever_is_named_that_was_not_solved(run: Run) -> None:
    figure = what_helps(View(run))
    assert "supplychain measures no-truce" in figure.summary
    assert not re.search(r"USD \d", figure.summary)
    assert not figure.drawn
    assert not figure.table.rows


def test_no_loss_needs_no_help(calm: Run) -> None:
    figure = what_helps(View(calm))
    assert figure.summary == "No loss, so nothing would spare one."


def test_amounts_and_shares_in_summaries_have_two_digits(run: Run) -> None:
    for figure in run_figures(View(run)):
        for amount in re.findall(
            r"(?<![\d-])\d[\d,]*\.?\d*(?= (?:%|million|billion))", figure.summary
        ):
            digits = amount.replace(",", "").lstrip("0.").replace(".", "").rstrip("0")
            assert len(digits) <= 2 or amount == "100", (figure.id, amount)


@pytest.mark.parametrize("name", ["loss-by-week", "loss-map", "cover", "licences"])
def test_numbers_of_the_summaries_follow_from_the_tables(run: Run, name: str) -> None:
    said = {figure.id: figure.summary for figure in run_figures(View(run))}[name]
    lost = run.tables["shortfall"]
    if name == "loss-by-week":
        weekly = lost.groupby("week")["lost_value_usd"].sum()
        found = re.search(r"week of (.+?): USD ([\d.]+ \w+)", said)
        assert found
        assert close(number(found[2]), float(weekly.max()))
        assert weekly[spoken_day(found[1]).isoformat()] == pytest.approx(weekly.max())
    elif name == "loss-map":
        shares = run.tables["indicators"].query("region != 'WORLD'")["lost_share"]
        for part, real in zip(
            re.findall(r"\(([\d.]+) %\)", said), sorted(shares)[::-1], strict=False
        ):
            assert close(float(part) / 100, real)
    elif name == "cover":
        stocks = run.tables["stocks"]
        low = stocks[stocks["weeks_of_cover"] < 0.5 * stocks["target_weeks"]]
        owner = run.tables["customers"].set_index("customer")["sector"]
        pairs = {(owner[c], r) for c, r in zip(low["customer"], low["region"], strict=True)}
        assert said.startswith(f"{len(pairs)} pairs")
        assert spoken_day(said).isoformat() == low["week"].min()
    else:
        files = run.tables["licences"]
        found = re.match(
            r"Licences for ([\d,.]+) tonnes are applied for and for ([\d,.]+) tonnes", said
        )
        assert found
        assert close(number(found[1]), files["applied_t"].sum())
        assert close(number(found[2]), files["granted_t"].sum())
        waiting = files.groupby("week")["pending_t"].sum()
        last = re.search(r": ([\d,.]+) tonnes\.", said)
        assert last
        assert close(number(last[1]), waiting.max())
