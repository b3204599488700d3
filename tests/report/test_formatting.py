from __future__ import annotations

import re

from supplychain import formatting
from supplychain.formatting import place
from supplychain.report import loss_summary
from supplychain.report.pages.run_page import sector_briefs
from supplychain.report.run_view import View
from supplychain.runs.run_schema import Run
from tests.report.said_numbers import close, number


def test_every_number_of_a_sector_sentence_follows_from_the_tables(run: Run) -> None:
    table = run.tables["shortfall"]
    measures = run.tables["indicators"]
    for brief in sector_briefs(View(run)):
        sentence = brief["sentence"]
        rows = table[table["sector"] == brief["id"]]
        world = measures[(measures["sector"] == brief["id"]) & (measures["region"] == "WORLD")]
        share = re.search(r"\(([\d.]+) % of plan", sentence)
        assert share
        assert close(float(share[1]) / 100, float(world["lost_share"].iloc[0]))
        value = re.search(r"USD ([\d.,]+ \w+) of value added", sentence)
        assert value
        assert close(number(value[1]), float(rows["lost_value_usd"].sum()))
        for unit, part in rows.groupby("unit"):
            word = formatting.units_of(str(unit), 2)
            output = re.search(rf"([\d.,]+(?: million)?) {word}", sentence)
            assert output, (sentence, word)
            assert close(number(output[1]), float(part["lost"].sum()))


def test_the_first_week_and_place_follow_from_the_tables(run: Run) -> None:
    measures = run.tables["indicators"]
    for brief in sector_briefs(View(run)):
        rows = measures[(measures["sector"] == brief["id"]) & (measures["region"] != "WORLD")]
        first = rows[rows["first_week"] != ""]["first_week"].min()
        where = rows[rows["first_week"] == first].sort_values("lost_value_usd").iloc[-1]
        names = dict(run.tables["regions"].to_numpy().tolist())
        assert f"in the week of {formatting.day(first)}" in brief["sentence"]
        assert f"The first line stops in {place(names[where['region']])}" in brief["sentence"]
        after = round(where["weeks_to_first_loss"])
        assert f"{after} weeks after the first change of regime" in brief["sentence"]


def test_what_binds_is_the_material_that_costs_most(run: Run) -> None:
    view = View(run)
    assert loss_summary.binding_material(view, "munitions") == "SmCo magnets"
    assert loss_summary.binding_material(view, "semiconductor") == "yttria powder"


def test_the_summary_adds_up_the_sectors(run: Run) -> None:
    view = View(run)
    found = list(loss_summary.sector_losses(view).values())
    sentence = loss_summary.summary_sentence(found, view.start, len(view.weeks))
    total = float(run.tables["shortfall"]["lost_value_usd"].sum())
    value = re.search(r"USD ([\d.]+ billion)", sentence)
    assert value
    assert close(number(value[1]), total)
    assert "104 weeks from 28 September 2026" in sentence
    assert "munitions" in sentence


def test_a_run_without_loss_says_so(calm: Run) -> None:
    view = View(calm)
    found = list(loss_summary.sector_losses(view).values())
    sentence = loss_summary.summary_sentence(found, view.start, len(view.weeks))
    assert sentence.startswith("No sector loses output.")
    assert all("no output is lost" in brief["sentence"] for brief in sector_briefs(view))


def test_sectors_that_are_spared_are_named() -> None:
    lost = loss_summary.SectorLoss("Auto", ((10.0, "vehicle"),), 0.1, 1e6, "", (), None, "")
    spared = loss_summary.SectorLoss("Aerospace", (), 0.0, 0.0, "", (), None, "")
    assert "No output is lost in aerospace." in loss_summary.summary_sentence(
        [lost, spared], "2026-09-28", 8
    )
    assert "No line stops." in loss_summary.sector_sentence(lost)


def test_traces_of_loss_below_the_threshold_are_not_a_loss() -> None:
    noise = loss_summary.SectorLoss("Auto", ((1e-6, "vehicle"),), 1e-9, 4.0, "", (), None, "")
    assert "no output worth naming is lost" in loss_summary.sector_sentence(noise)
