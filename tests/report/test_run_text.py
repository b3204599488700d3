"""The tables that `run` and `compare` print."""

from __future__ import annotations

from dataclasses import replace

import pytest

from supplychain.report.text.run_text import causes_text, comparison_text, loss_text
from supplychain.study.comparison import compare
from tests.cli.worlds import NO_TRUCE, TRUCE, made_run

TABLE = """\
The title of no-truce

sector     region         not made  for good  unit     share   M USD  range, M USD  first firm  \
first stop  recovered
---------  -------------  --------  --------  -------  ------  -----  ------------  ----------  \
----------  --------------
auto       all                 300       300  vehicle  10.0 %    600  -             2026-12-07  \
2026-12-07  2027-06-07
auto       Europe              200       200  vehicle  20.0 %    400  -             2026-12-07  \
2026-12-07  2027-06-07
auto       United States       100       100  vehicle  10.0 %    200  -             2026-12-07  \
2026-12-07  not by the end
munitions  all                 300       300  weapon   30.0 %    600  -             2026-12-07  \
2026-12-07  2027-06-07
munitions  United States       300       300  weapon   30.0 %    600  -             2026-12-07  \
2026-12-07  not by the end

Nothing is lost in: China.
What bound most were licences for ndfeb-heavy from China."""


def words(text: str) -> list[list[str]]:
    return [line.replace("-", "").split() for line in text.splitlines()]


def test_losses_by_sector_and_region() -> None:
    assert words(loss_text(made_run("no-truce", NO_TRUCE))) == words(TABLE)


def test_losses_fit_a_narrow_terminal_with_dates_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supplychain.report.text.terminal_table.terminal_width", lambda: 80)
    text = loss_text(made_run("no-truce", NO_TRUCE))
    assert max(len(line) for line in text.splitlines()) <= 80
    rows = [line.split() for line in text.splitlines()]
    assert ["auto", "(vehicle)", "300", "10.0"] in [row[:4] for row in rows]
    assert "  United States  " in text
    assert text.count("2026-12-07") == 5
    text = comparison_text(made_run("truce", TRUCE), made_run("no-truce", NO_TRUCE))
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "2026-12-07" in text


def test_a_small_loss_has_no_first_week() -> None:
    text = loss_text(made_run("truce", TRUCE))
    row = next(line for line in text.splitlines() if line.startswith("auto       United States"))
    assert row.split()[3:] == ["10.0", "10.0", "vehicle", "1.0", "%", "20", *"----"]


def test_a_line_that_stops_has_a_row_however_little_it_loses() -> None:
    """A week of a small segment is less than a row is worth, and what a planner looks for."""
    run = made_run("no-truce", NO_TRUCE)
    table = run.tables["indicators"]
    europe = (table["sector"] == "auto") & (table["region"] == "EUR")
    run.tables["indicators"] = table.assign(lost_share=table["lost_share"].where(~europe, 1e-6))
    for text in (loss_text(run), comparison_text(made_run("truce", TRUCE), run)):
        rows = [line for line in text.splitlines() if line.startswith("auto       Europe")]
        assert len(rows) == 1
        assert "2026-12-07" in rows[0]
    still = run.tables["indicators"]
    for name in ("first_week", "first_firm_week"):
        still = still.assign(**{name: still[name].where(~europe, "")})
    run.tables["indicators"] = still
    assert "auto       Europe" not in loss_text(run)


def test_a_band_gives_each_row_its_range_and_recipes_a_sentence() -> None:
    run = made_run("no-truce", NO_TRUCE)
    auto = run.record["headline"]["sectors"]["auto"]
    auto["range"] = {"lost_value_usd": {"low": 1e8, "high": 9e8}}
    auto["by_region"]["EUR"]["range"] = {"lost_value_usd": {"low": 0.0, "high": 0.5}}
    auto["avoided_by"] = [
        {"recipe": "assembled-abroad", "share_of_output": 0.2, "extra_cost_usd": 3e6}
    ]
    text = loss_text(run)
    assert "100 to 900" in next(line for line in text.splitlines() if line.startswith("auto"))
    europe = next(line for line in text.splitlines() if "Europe" in line)
    assert europe.split()[8:10] == ["0", "2026-12-07"]
    assert "How auto avoided loss: Of output, 20 % is made with motors bought whole" in text


def test_nothing_lost_is_said_in_words() -> None:
    text = loss_text(made_run("open", dict.fromkeys(NO_TRUCE, 0.0)))
    assert "Nothing is lost in any region." in text
    assert "China" not in text.split("What bound")[0]
    assert [line.split()[:2] for line in text.splitlines()[4:6]] == [
        ["auto", "all"],
        ["munitions", "all"],
    ]


def test_two_runs_side_by_side() -> None:
    text = comparison_text(made_run("truce", TRUCE), made_run("no-truce", NO_TRUCE))
    rows = {tuple(line.split()[:2]): line for line in text.splitlines()[4:]}
    assert rows["auto", "Europe"].split() == [
        "auto", "Europe", "0", "%", "20.0", "%", "+20.0", "points",
        "0", "400", "+400", "-", "2026-12-07",
    ]  # fmt: skip
    assert ("auto", "China") not in rows
    back = comparison_text(made_run("no-truce", NO_TRUCE), made_run("truce", TRUCE))
    assert "-20.0 points" in back
    assert "-400" in back


def test_the_same_run_has_no_difference() -> None:
    run = made_run("truce", TRUCE)
    lines = comparison_text(run, run).splitlines()[4:]
    assert lines
    assert all("points" not in line and "+" not in line for line in lines)


def test_of_very_many_differences_the_first_hundred_are_told() -> None:
    cells = [
        {"table": "stocks", "key": f"row-{i}", "column": "value", "old": "1", "new": "2"}
        for i in range(300)
    ]
    base = made_run("truce", TRUCE)
    data = {**base.record["data"], "changes": cells}
    other = replace(base, record={**base.record, "data": data})
    said = causes_text(compare(base, [other]))
    assert said.count("data stocks row-") == 100
    assert said.endswith("200 more: --json has them all.")
    assert "more:" not in causes_text(compare(base, [replace(other, record=base.record)]))
