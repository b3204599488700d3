"""What changed between two reports, and which alerts hold, on small records."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest

from supplychain.scheduled_reports.brief import brief_json, brief_text, capital, sentence
from supplychain.scheduled_reports.report_changes import (
    InputChange,
    alerts_of,
    input_changes,
    result_changes,
)
from supplychain.scheduled_reports.report_schema import AlertPart, ChangedPart, read_moment

ENTRY = {
    "announced": "2026-11-10",
    "effective": "2026-11-10",
    "set": {"regime": "slow", "exporter": "CHN"},
    "why": "a quarrel",
    "source": "wire-2026",
}


def losses(share: float, value: float, week: str | None) -> dict[str, Any]:
    good = {"lost_for_good_share": share}
    return {"lost_share": share, "lost_value_usd": value, "first_week": week, **good}


def report(**other: Any) -> dict[str, Any]:
    """A report.json in which auto loses a tenth in Europe from the week of 16 November."""
    here = losses(0.1, 1e9, "2026-11-16")
    record = {
        "definition": "weekly",
        "title": "The week",
        "date": "2026-11-22",
        "number": 1,
        "key": "k",
        "base": "truce",
        "runs": [],
        "settings": {"scenarios": ["truce"], "horizon": {"start": "next monday", "weeks": 104}},
        "versions": {"supplychain": "0.1.0", "highspy": "1.10"},
        "data": {"hash": "a" * 64},
        "scenarios": {
            "truce": {
                "name": "truce",
                "horizon": {"start": "2026-09-28", "weeks": 104},
                "foresight": {"mode": "rolling"},
                "timeline": [ENTRY],
                "changes": [],
            }
        },
        "headline": {"truce": {"auto": {**here, "by_region": {"EUR": here}}}},
        "changed": {"since": None, "inputs": [], "results": []},
        "alerts": [],
        "files": {"report.html": ""},
    }
    return {**record, **other}


def moved(share: float = 0.1, value: float = 1e9, week: str | None = "2026-11-16") -> Any:
    here = losses(share, value, week)
    found = report(number=2, date="2026-11-29")
    found["headline"]["truce"]["auto"] = {**here, "by_region": {"EUR": here}}
    return found


def test_equal_reports_differ_in_nothing() -> None:
    assert input_changes(report(), report(), {}, {}) == []
    assert result_changes(report(), report(), ChangedPart.model_validate({})) == []


def test_every_kind_of_input_is_named() -> None:
    after = deepcopy(report())
    after["settings"] = {"scenarios": ["truce", "war"], "horizon": {"start": "this monday"}}
    after["versions"]["highspy"] = "1.11"
    after["data"]["hash"] = "b" * 64
    scenario = after["scenarios"]["truce"]
    scenario["horizon"]["weeks"] = 52
    scenario["timeline"] = [{**ENTRY, "set": {"regime": "embargo", "exporter": "CHN"}}]
    old = {
        "assumptions": [{"assumption": "air_cost", "value": "2", "unit": "USD/kg", "source": "s"}],
        "events": [],
    }
    new = {
        "assumptions": [{"assumption": "air_cost", "value": "3", "unit": "USD/kg", "source": "s"}],
        "events": [{"event": "talks", "name": "Talks", "source": "wire-2026"}],
    }
    assert input_changes(report(), after, old, new) == [
        InputChange("definition", "scenarios", "truce", "truce, war"),
        InputChange("definition", "horizon.start", "next monday", "this monday"),
        InputChange("definition", "horizon.weeks", "104", "-"),
        InputChange("version", "version of highspy", "1.10", "1.11"),
        InputChange("scenario", "horizon.weeks", "104", "52", scenarios=("truce",)),
        InputChange(
            "event", "timeline 2026-11-10 CHN", "slow (announced 2026-11-10)",
            "embargo (announced 2026-11-10)", "wire-2026", "a quarrel", ("truce",),
        ),
        InputChange("event", "events talks", "-", "Talks", "wire-2026"),
        InputChange("parameter", "assumptions air_cost value", "2 USD/kg", "3 USD/kg", "s"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (moved(share=0.1009), []),
        (moved(share=0.102), [("lost_share", 0.1, 0.102)]),
        (moved(value=1e9 + 1e6), []),
        (moved(value=1e9 - 2e6), [("lost_value_usd", 1e9, 998e6)]),
        (moved(week="2026-11-23"), [("first_week", "2026-11-16", "2026-11-23")]),
        (moved(week=None), [("first_week", "2026-11-16", None)]),
    ],
)
def test_a_result_moved_where_it_is_beyond_the_limit(
    after: Any, expected: list[tuple[str, Any, Any]]
) -> None:
    found = result_changes(report(), after, ChangedPart.model_validate({}))
    places = [place for place in ("WORLD", "EUR") for _ in expected]
    assert [(r.region, r.measure, r.old, r.new) for r in found] == [
        (place, *one) for place, one in zip(places, [*expected, *expected], strict=True)
    ]


def test_weeks_within_the_limit_are_not_told() -> None:
    limits = ChangedPart.model_validate({"first_week_weeks": 2})
    assert result_changes(report(), moved(week="2026-11-23"), limits) == []
    (world, _) = result_changes(report(), moved(week="2026-11-02"), limits)
    assert world.moved == -2


AUTO = {"name": "a", "sector": "auto", "region": "EUR"}


@pytest.mark.parametrize(
    ("rule", "after", "holds"),
    [
        ({"measure": "first_week", "earlier_by_weeks": 2}, moved(week="2026-11-02"), True),
        ({"measure": "first_week", "earlier_by_weeks": 2}, moved(week="2026-11-09"), False),
        ({"measure": "first_week", "earlier_by_weeks": 2}, moved(week="2026-11-30"), False),
        ({"measure": "first_week", "earlier_by_weeks": 2}, moved(week=None), False),
        ({"measure": "first_week", "within_weeks": 7}, moved(), True),
        ({"measure": "first_week", "within_weeks": 6}, moved(), False),
        ({"measure": "first_week", "within_weeks": 6}, moved(week=None), False),
        ({"measure": "lost_share", "rises_by": 0.05}, moved(share=0.16), True),
        ({"measure": "lost_share", "rises_by": 0.05}, moved(share=0.14), False),
        ({"measure": "lost_share", "above": 0.09}, moved(), True),
        ({"measure": "lost_share", "above": 0.1}, moved(), False),
        ({"measure": "lost_value_usd", "rises_by": 5e8, "above": 2e9}, moved(value=1.8e9), False),
        ({"measure": "lost_value_usd", "rises_by": 5e8, "above": 2e9}, moved(value=3e9), True),
    ],
)
def test_an_alert_holds_where_all_its_conditions_do(
    rule: dict[str, Any], after: Any, holds: bool
) -> None:
    part = AlertPart.model_validate({**AUTO, **rule})
    assert bool(alerts_of([part], {"truce": "truce"}, report(), after)) == holds


def test_a_stop_that_is_new_is_earlier() -> None:
    part = AlertPart.model_validate({**AUTO, "measure": "first_week", "earlier_by_weeks": 9})
    before = moved(week=None)
    (alert,) = alerts_of([part], {}, before, moved(week="2026-11-02"))
    assert alert.said == (
        "truce: auto in EUR now first stops in the week of 2026-11-02, before not at all."
    )


def test_an_alert_says_by_how_many_weeks() -> None:
    part = AlertPart.model_validate(
        {**AUTO, "measure": "first_week", "earlier_by_weeks": 1, "within_weeks": 6}
    )
    (alert,) = alerts_of([part], {}, report(), moved(week="2026-11-09"))
    assert alert.said == (
        "truce: auto in EUR first stops 1 week earlier, in the week of 2026-11-09 instead of "
        "2026-11-16 and first stops 6 weeks after the start, in the week of 2026-11-09."
    )


def test_without_a_last_report_only_levels_alert() -> None:
    rules = [
        AlertPart.model_validate({**AUTO, "measure": "first_week", "earlier_by_weeks": 1}),
        AlertPart.model_validate({**AUTO, "measure": "lost_share", "rises_by": 0.01}),
        AlertPart.model_validate({**AUTO, "name": "b", "measure": "lost_share", "above": 0.01}),
    ]
    assert [a.name for a in alerts_of(rules, {}, None, moved())] == ["b"]


def test_a_region_without_the_sector_alerts_nobody() -> None:
    part = AlertPart.model_validate(
        {**AUTO, "region": "JPN", "measure": "lost_share", "above": -1.0}
    )
    assert alerts_of([part], {}, None, moved()) == []


def changed(inputs: int, results: int) -> dict[str, Any]:
    row = result_changes(report(), moved(week=None), ChangedPart.model_validate({}))[0].as_json()
    one = InputChange("data", "covers a | b", "3", "<b>4</b>", "wire-2026").as_json()
    since = {"date": "2026-11-15", "number": 3}
    return {"since": since, "inputs": [one] * inputs, "results": [row] * results}


@pytest.mark.parametrize(
    ("inputs", "results", "said"),
    [
        (0, 0, "Nothing moved since 15 November 2026: the same inputs, the same results."),
        (1, 0, "1 input differs since 15 November 2026; nothing moved: no result by more than is"
         " tolerated."),
        (2, 1, "2 inputs differ since 15 November 2026; 1 result moved by more than is tolerated."),
    ],
)  # fmt: skip
def test_the_sentence_says_what_moved(inputs: int, results: int, said: str) -> None:
    assert capital(sentence(report(changed=changed(inputs, results)))) == said


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("2026-11-30", "(the horizon starts 1 week later)"),
        ("2026-11-02", "(the horizon starts 3 weeks earlier)"),
    ],
)
def test_the_sentence_says_that_the_horizon_moved(new: str, said: str) -> None:
    row = InputChange("scenario", "horizon.start", "2026-11-23", new, scenarios=("truce",))
    found = changed(0, 1)
    found["inputs"] = [row.as_json()]
    assert f"since 15 November 2026 {said}; 1 result" in sentence(report(changed=found))


def test_the_brief_is_markdown_that_nothing_breaks() -> None:
    text = brief_text(report(changed=changed(60, 1), title="A *week* | <script>"))
    assert "# A \\*week\\* \\| \\<script\\>: 22 November 2026" in text
    assert "| data | covers a \\| b | 3 | \\<b\\>4\\</b\\> | wire-2026 |" in text
    assert text.count("covers a") == 40
    assert "And 20 more; brief.json has them all." in text
    assert "| truce | Auto | world | First stop | 16 Nov 2026 | no stop | no stop" in text
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.replace("\\|", "").count("|") in (6, 8)


def test_the_brief_for_programs_has_everything() -> None:
    found = brief_json(report(changed=changed(60, 1)))
    assert len(found["changed"]["inputs"]) == 60
    assert found["moved"] is True
    assert found["page"] == "report.html"
    assert brief_json(report(files={}))["page"] is None


@pytest.mark.parametrize(
    ("words", "starts"),
    [
        ("this monday", ("2026-11-16", "2026-11-23")),
        ("next Monday", ("2026-11-23", "2026-11-30")),
        ("last monday", ("2026-11-09", "2026-11-16")),
        ("monday in 1 week", ("2026-11-23", "2026-11-30")),
        ("monday before 2 weeks", ("2026-11-02", "2026-11-09")),
        ("first monday of this month", ("2026-11-02", "2026-11-02")),
        ("first monday of next month", ("2026-12-07", "2026-12-07")),
        ("first monday of this quarter", ("2026-10-05", "2026-10-05")),
        ("first monday of last quarter", ("2026-07-06", "2026-07-06")),
        ("first monday of next year", ("2027-01-04", "2027-01-04")),
    ],
)
def test_words_for_a_start(words: str, starts: tuple[str, str]) -> None:
    moment = read_moment(words)
    assert tuple(str(moment(date(2026, 11, day))) for day in (22, 23)) == starts


def test_every_start_is_a_monday() -> None:
    for words in ("this monday", "first monday of this quarter", "first monday of next year"):
        days = (date(2026, 1, 1) + timedelta(days=i) for i in range(800))
        assert {read_moment(words)(day).weekday() for day in days} == {0}


@pytest.mark.parametrize("words", ["tomorrow", "2026-11-22", "monday", "", "20261123x"])
def test_other_words_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"known|not a Monday"):
        read_moment(words)
