"""The page of an ensemble: its sentences and tables follow from the numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ensembles
import numpy as np
import pandas as pd
import pytest

from supplychain.ensemble import morris_screening as screening
from supplychain.ensemble.ensemble_record import headline
from supplychain.ensemble.ensemble_summary import summarise
from supplychain.report import ensemble_page, write_ensemble_page
from supplychain.report.ensemble_view import EnsembleView, of
from supplychain.report.figures.ensemble_driver_figures import driver_words, drivers, morris
from supplychain.report.figures.ensemble_stop_figures import chance_table, hazards, state_shares
from supplychain.report.pages import ensemble_page as page_module
from supplychain.report.text import ensemble_text
from supplychain.report.text.ensemble_text import summary_text
from tests.report.conftest import EVIL, spoilt

Tables = dict[str, pd.DataFrame]
FAILED = {3: "no optimum", 17: "the worker was killed"}


def whole(tables: Tables) -> Tables:
    return {**tables, **summarise(tables, 1)}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return whole(ensembles.truce_collapse(256, weeks=30, failed=FAILED))


@pytest.fixture(scope="module")
def calm() -> Tables:
    tables = ensembles.frames(np.zeros((40, 5, 7, 6)), np.zeros((20, 5, 7, 6)))
    return whole(tables)


def page_of(tables: Mapping[str, pd.DataFrame]) -> str:
    kept = {name: table for name, table in tables.items() if name != "losses"}
    return ensemble_page(ensembles.record(tables), kept).replace("\u00a0", " ")


def view_of(tables: Mapping[str, pd.DataFrame]) -> EnsembleView:
    return of(ensembles.record(tables), tables)


def usd(text: str) -> float:
    found = re.search(r"USD ([\d.,]+) (million|billion|trillion)", text)
    assert found, text
    size = {"million": 1e6, "billion": 1e9, "trillion": 1e12}[found[2]]
    return float(found[1].replace(",", "")) * size


def test_the_summary_says_what_the_losses_say(tables: Tables) -> None:
    paths = tables["losses"].query("arm == 'path'")
    total = paths.groupby("member")["lost_value_usd"].sum()
    assert len(total) == 254
    said = ensemble_text.summary(view_of(tables))
    mean, worst, tail = re.findall(r"USD [\d.,]+ \w+", said)
    assert usd(mean) == pytest.approx(total.mean(), rel=0.05)
    assert usd(worst) == pytest.approx(total.quantile(0.95), rel=0.05)
    assert usd(tail) == pytest.approx(total.sort_values().tail(13).mean(), rel=0.06)
    assert "Over the 30 weeks from 28 September 2026" in said
    assert "of 254 futures" in said


def test_the_chances_in_the_sentences_are_those_of_the_losses(tables: Tables) -> None:
    paths = tables["losses"].query("arm == 'path'")
    ever = paths.groupby(["sector", "region", "member"])["stopped"].any()
    auto = ever["auto"].groupby("member").any().mean()
    said = ensemble_text.sector_sentence(view_of(tables), "auto")
    assert f"A line stops in {100 * auto:.0f} of 100 futures" in said
    table = chance_table(view_of(tables))
    cells = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    here = 100 * ever["munitions", "USA"].mean()
    assert cells["United States"][2] == f"{here:.0f} %"
    assert cells["China"] == ["0 %"] * 6
    assert table.columns[-1] == "All sectors"
    darkest = max(cell.heat for row in table.rows for cell in row)
    assert darkest == sum(100 * auto >= level for level in (2, 10, 25, 50, 75))


def test_the_value_of_the_truce_is_said_with_its_interval(tables: Tables) -> None:
    losses = tables["losses"].groupby(["arm", "member"])["lost_value_usd"].sum().unstack("arm")
    pairs = losses.dropna()
    said = ensemble_text.odds_sentence(view_of(tables))
    assert f"from {len(pairs)} pairs of futures" in said
    stops = tables["losses"].query("arm == 'path'").groupby("member")["stopped"].any()
    assert f"A line stops in {stops[pairs.index].sum()} of these pairs as drawn, in 0 with" in said
    gap = pairs["path"] - pairs["held"]
    assert usd(said[said.index("Holding") :]) == pytest.approx(gap.mean(), rel=0.05)


def test_what_failed_is_on_the_page_with_its_reason(tables: Tables) -> None:
    page = page_of(tables)
    assert "2 of 256 futures were not solved and left out" in page
    for reason in FAILED.values():
        assert reason in page


def test_every_figure_is_on_the_page(tables: Tables) -> None:
    page = page_of(tables)
    names = (
        "fans", "exceedance", "stopping", "truce-value", "drivers", "paths", "hazards", "enough",
    )  # fmt: skip
    places = [page.index(f'<section class="figure" id="{name}"') for name in names]
    assert places == sorted(places)
    assert 'id="morris"' not in page
    assert "rest on 4 dated events" in page


def test_the_shares_of_states_add_up_and_follow_the_breaks(tables: Tables) -> None:
    shares = state_shares(view_of(tables))
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert shares["general-licence"].iloc[0] == 1.0
    solved = tables["members"].query("status == 'solved'")
    broken = solved["first_break_week"].fillna(99).to_numpy(dtype=int)
    calm = [(broken > week).mean() for week in range(30)]
    assert shares["general-licence"].to_numpy() == pytest.approx(calm)


def test_the_drivers_named_are_the_first_of_the_table(tables: Tables) -> None:
    said = driver_words(view_of(tables))
    assert said.startswith("The loss depends most on the week of the first break")
    figure = drivers(view_of(tables))
    assert figure.drawn
    inputs = [row[1].text for row in figure.table.rows]
    assert "Chance alone" in inputs
    assert not any(word.startswith("made-up") for word in inputs)


def test_a_screening_gets_a_figure_of_its_own(tables: Tables) -> None:
    planned = screening.plan(["review_weeks", "stocks"], trajectories=4, seed=1)
    values = [2e9 * row["review_weeks"] - 1e9 * row["stocks"] for row in planned.rows()]
    screened = screening.analyse(planned, {"loss/all": values})
    figure = morris(view_of({**tables, "morris": screened}))
    assert "review weeks alone changes the loss by USD 1.8 billion" in figure.summary
    assert [row[3].text for row in figure.table.rows] == ["USD 1.8 billion", "-USD 900 million"]
    assert 'id="morris"' in page_of({**tables, "morris": screened})


def test_an_ensemble_without_loss_reads_well(calm: Tables) -> None:
    page = page_of(calm)
    assert "nothing is lost in any of the 40 futures" in page
    assert "No line stops in any future." in page
    assert "Some line stops in no future." in page
    assert "No sector loses output worth naming in any future." in page
    assert "In none of 20 pairs of futures does the truce change the loss." in page
    text = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL).lower()
    assert "nan" not in re.findall(r"[a-z]+", text)


def test_traces_of_loss_are_not_a_loss() -> None:
    """A hundred-thousandth of plan in every week of every future."""
    lost = np.full((40, 5, 7, 6), 1e4)
    page = page_of(whole(ensembles.frames(lost, lost / 2)))
    assert "nothing worth naming is lost (under 0.01 % of plan on average)" in page
    assert "nothing is lost in any of the 40 futures" not in page
    assert "No sector loses output worth naming in any future." in page


def test_a_rare_stop_is_named_however_small_its_part_of_the_plan() -> None:
    lost = np.zeros((40, 5, 7, 6))
    lost[3, 0, 1, 2] = 3e7  # 3 % of one week's plan, a millionth of all plans
    tables = whole(ensembles.frames(lost))
    said = ensemble_text.sector_sentence(view_of(tables), "auto")
    assert "(under 0.01 % of plan)" in said
    assert "A line stops in 1 of 40 futures, most often in USA" in said
    assert "nothing is lost" in ensemble_text.sector_sentence(view_of(tables), "other")


def test_the_interval_of_the_truce_is_the_wider_of_two() -> None:
    """One of 16 pairs spares much: resampling alone would call it certain to spare something."""
    lost = np.full((64, 5, 7, 6), 1.1e6)
    lost[5] *= 40
    held = np.full((16, 5, 7, 6), 1e6)
    tables = whole(ensembles.frames(lost, held))
    row = tables["truce_value"].set_index("sector").loc["all"]
    assert row["low"] < 0 < row["bootstrap_low"]
    said = ensemble_text.odds_sentence(view_of(tables))
    assert "(-USD" in said
    assert "The interval holds zero: that it spares anything is not certain." in said
    assert headline(tables)["truce_value"]["all"]["interval_usd"][0] == row["low"]


def test_changes_that_never_happened_are_told_apart(tables: Tables) -> None:
    record = ensembles.record(tables)
    end = {
        "day": "2027-11-10", "from_states": ["open", "general-licence"], "to_state": "tightened",
        "chance": 0.17, "why": "the truce ends on this day", "source": "assumption",
    }  # fmt: skip
    record["definition"] = {"paths": {"expiries": [end]}}
    figure = hazards(of(record, tables))
    assert "1 of these kinds never happened on record" in figure.summary
    assert len(figure.charts[0].traces[0]["y"]) == 3
    assert [row[2].text for row in figure.table.rows] == ["2", "1", "1", "0"]
    said = "On 10 November 2027 no controls or general licences turn into tightened controls"
    assert said in figure.table.note


def test_inputs_are_shown_with_their_range_and_reason(tables: Tables) -> None:
    record = ensembles.record(tables)
    record["definition"] = {
        "inputs": [
            {"name": "review_weeks", "why": "nobody knows the desk"},
            {"name": "holding_cost", "target": {"rows": 38}, "why": "a guess"},
        ]
    }
    drawn = tables["inputs"].copy()
    drawn.loc[drawn["input"] == "holding_cost", "unit"] = "quantile"
    leaving = drawn[drawn["input"] == "review_weeks"].assign(input="leaving slow")
    drawn = pd.concat([drawn, leaving])
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in
            page_module.inputs(of(record, {**tables, "inputs": drawn})).rows}  # fmt: skip
    review = rows["Review weeks"]
    assert [*review[:2], review[5]] == ["", "week", "nobody knows the desk"]
    assert [float(text) for text in review[2:5]] == pytest.approx([7, 16, 25], abs=0.1)
    assert rows["Holding cost"][1] == "38 rows of data, each between its low and high"
    assert rows["Holding cost"][2:] == ["", "", "", "a guess"]
    assert rows["Stock weeks"][0] == "stocks"
    assert not any("leaving" in name.lower() for name in rows)


@pytest.mark.parametrize("missing", ["hazards", "regions", "drivers"])
def test_a_part_that_was_not_kept_is_said_in_words(tables: Tables, missing: str) -> None:
    assert "<h1>" in page_of({k: t for k, t in tables.items() if k != missing})


def test_few_futures_make_a_page_too() -> None:
    page = page_of(whole(ensembles.truce_collapse(4, weeks=8)))
    assert "too few futures" in page


def test_markup_in_any_text_stays_text(tables: Tables) -> None:
    texts = {
        "regions": ["name"], "members": ["reason"], "inputs": ["input", "group", "unit"],
        "hazards": ["from_state", "to_state", "source_events"], "paths": ["state", "regime"],
    }  # fmt: skip
    dirty = {
        name: table.assign(**{c: table[c].astype(str) + EVIL for c in texts.get(name, [])})
        for name, table in tables.items()
    }
    dirty |= summarise({k: dirty[k] for k in ("members", "inputs", "paths", "losses")}, 1)
    record: dict[str, Any] = spoilt({**ensembles.record(tables), "notes": ["A note"]}, EVIL)
    page = ensemble_page(record, dirty)
    clean = page_of(tables)
    shown, wanted = (
        re.sub(r'<script type="text/plain".*?</script>', "", p, flags=re.DOTALL)
        for p in (page, clean)
    )
    assert shown.count("&lt;script&gt;window.taken") > 30
    assert shown.count("<script") == wanted.count("<script")
    assert "<img" not in shown


def test_the_page_is_written_the_same_twice(tables: Tables, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_ensemble_page(ensembles.record(tables), tables, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_the_headline_is_safe_as_json_and_says_the_same(tables: Tables, calm: Tables) -> None:
    few = whole(ensembles.truce_collapse(64, weeks=8))  # 8 pairs: one estimate is not a number
    for found in (headline(tables), headline(calm), headline(few)):
        assert json.loads(json.dumps(found, allow_nan=False)) == found
    found = headline(tables)
    expected = tables["expected"].set_index(["sector", "region"])
    assert found["all"]["mean_usd"] == expected.loc[("all", "ALL"), "mean_usd"]
    assert set(found["sectors"]["auto"]["by_region"]) == set(ensembles.REGIONS)
    assert found["drivers"][0]["input"] == "path: week of the first break"
    assert {row["statistic"] for row in found["enough"]} >= {"expected loss", "chance of a stop"}
    assert headline(calm)["drivers"] == []


def test_the_terminal_says_it_in_words_and_a_table(tables: Tables, calm: Tables) -> None:
    text = summary_text(ensembles.record(tables), tables)
    assert text.startswith("When the truce breaks, and how hard")
    lines = [line.split() for line in text.splitlines()]
    row = next(line for line in lines if line[:2] == ["auto", "Europe"])
    expected = tables["expected"].set_index(["sector", "region"])
    mean = expected.loc[("auto", "EUR"), "mean_usd"]
    assert float(row[4].replace(",", "")) == pytest.approx(mean / 1e6, abs=0.5)
    assert "2 futures were not solved; most often: no optimum" in text
    assert ["auto", "China"] not in [line[:2] for line in lines]
    assert "nothing is lost" in summary_text(ensembles.record(calm), calm)
