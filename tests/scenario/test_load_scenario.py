from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from supplychain.dataset import Tables
from supplychain.documents import available
from supplychain.errors import InvalidInput, NothingMatched, Problem, describe
from supplychain.scenario.change_types import KINDS
from supplychain.scenario.load_scenario import load_scenario
from supplychain.scenario.scenario import scenario_diff
from supplychain.scenario.scenario_schema import scenario_schema

SLOW = """timeline:
  - announced: 2026-11-10
    effective: 2026-11-16
    set: {regime: slow, exporter: CHN}
    why: a reason
    source: assumption
"""


def entry(effective: str, regime: str = "slow", where: str = "", announced: str = "") -> str:
    more = f", {where}" if where else ""
    return (
        f"  - announced: {announced or effective}\n    effective: {effective}\n"
        f"    set: {{regime: {regime}{more}}}\n    why: a reason\n    source: assumption\n"
    )


def change(
    what: str = "site_capacity",
    where: str = "site: china-mine",
    value: str = "0.5",
    unit: str = "share",
    when: str = "",
) -> str:
    dated = f"    when: {{{when}}}\n" if when else ""
    return (
        f"  - what: {what}\n    where: {{{where}}}\n{dated}    value: {value}\n"
        f"    unit: {unit}\n    why: a reason\n    source: assumption\n"
    )


def codes(problems: list[Problem]) -> list[tuple[str, int]]:
    return [(p.code, p.line) for p in problems]


def test_a_scenario_is_read_as_it_is_written(load: Any) -> None:
    scenario = load(SLOW + "changes:\n" + change(value="50", unit='"%"', when="to: 2027-01-04"))
    assert (scenario.name, scenario.start, scenario.weeks) == ("mine", date(2026, 9, 28), 52)
    assert scenario.end == date(2027, 9, 27)
    (found,) = scenario.timeline
    assert found.setting.in_words() == "slow for CHN"
    assert (scenario.week_of(found.announced), scenario.week_of(found.effective)) == (7, 7)
    (half,) = scenario.changes
    assert (half.value, half.unit, half.end) == (0.5, "share", date(2027, 1, 4))
    assert scenario.as_json()["foresight"] == {
        "mode": "rolling",
        "window_weeks": 40,
        "step_weeks": 4,
        "expects": [],
    }


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        ("tmeline: []\n", [("SCEN-201", 4)], 'Nearest: "timeline"'),
        (SLOW.replace("effective", "effectve"), [("SCEN-202", 5), ("SCEN-201", 6)], "effective"),
        (SLOW.replace("exporter", "exporte"), [("SCEN-201", 7)], 'Nearest: "exporter"'),
        (SLOW.replace("2026-11-16", "2026-13-10"), [("SCEN-203", 6)], "there is no such day"),
        (SLOW.replace("2026-11-16", "16.11.2026"), [("SCEN-203", 6)], "2026-09-28 is wanted"),
        (SLOW.replace("regime: slow", "regime: slwo"), [("SCEN-401", 7)], 'Nearest: "slow"'),
        (SLOW.replace("CHN", "CHI"), [("SCEN-401", 7)], 'Nearest: "CHN"'),
        (SLOW.replace("CHN", "EUR"), [("SCEN-407", 7)], "law of EUR"),
        (SLOW.replace("CHN", "CHN, control: magnets"), [("SCEN-401", 7)], "no control"),
        (SLOW.replace("CHN", "CHN, end_use: militry"), [("SCEN-203", 7)], 'Nearest: "military"'),
        (SLOW.replace("source: assumption", "source: asumption"), [("SCEN-401", 9)], "source"),
        (SLOW.replace("why: a reason", "why:"), [("SCEN-203", 8)], "nothing is written"),
        (
            SLOW.replace("announced: 2026-11-10", "announced: 2026-11-20"),
            [("SCEN-302", 6)],
            "before",
        ),
        ("timeline:\n" + entry("2027-09-27"), [("SCEN-301", 6)], "after the horizon"),
        (
            "timeline:\n" + entry("2025-01-01", where="control: cn-2025-18-magnets"),
            [("SCEN-303", 6)],
            "cannot apply before 2025-04-04",
        ),
        ("timeline:\n" + entry("2026-11-16") * 2, [("SCEN-412", 10)], "line 5 of mine.yaml"),
        ("timeline: slow\n", [("SCEN-203", 4)], "a list is wanted"),
        ("extends: nowhere\n", [("SCEN-205", 4)], "no scenario"),
        ("foresight: {step_weeks: 0}\n", [("SCEN-203", 4)], "at least 1"),
        ("foresight: {step_weeks: two}\n", [("SCEN-203", 4)], "a whole number is wanted"),
        ("foresight: {mode: perfct}\n", [("SCEN-203", 4)], 'Nearest: "perfect"'),
        ("foresight: {step_weeks: 41}\n", [("SCEN-208", 0)], "further than they look"),
    ],
)
def test_a_fault_is_named_with_its_line(
    faults: Any, text: str, expected: list[tuple[str, int]], words: str
) -> None:
    found = faults(text)
    assert codes(found) == expected
    assert words in describe(found)


@pytest.mark.parametrize(
    ("item", "code", "words"),
    [
        (change(what="site_capcity"), "SCEN-401", 'Nearest: "site_capacity"'),
        (change(where="sight: china-mine"), "SCEN-402", 'Nearest: "site"'),
        (change(where="stage: mining"), "SCEN-403", "must say where: site"),
        (change(where="site: china-min"), "SCEN-401", 'Nearest: "china-mine"'),
        (change(unit="t"), "SCEN-404", "given in share"),
        (change(unit="shares"), "SCEN-404", 'Nearest: "share"'),
        (change(value="-1"), "SCEN-405", "between 0 and 3"),
        (change(value="nan"), "SCEN-203", "finite"),
        (change(value="half"), "SCEN-203", "a number is wanted"),
        (change(when="from: 2026-09-21"), "SCEN-301", "outside the horizon"),
        (change(when="to: 2027-10-04"), "SCEN-301", "outside the horizon"),
        (change(when="from: 2027-01-04, to: 2027-01-04"), "SCEN-302", "not after its start"),
        (change("opening_stock", "region: EUR, material: dy-oxide", "3", "t", "from: 2026-10-05"),
         "SCEN-406", "knows no dates"),
        (change("plan", "segment: auto-bev, region: USA"), "SCEN-406", "nothing in the data"),
        (change("plan", "{}".strip("{}")), "SCEN-403", "one of customer"),
        (change("licence", "parameter: reviews", "3", "week"), "SCEN-401", 'Nearest: "review"'),
        (change("licence", "parameter: approval_share", "1.5"), "SCEN-405", "between 0 and 1"),
    ],
)  # fmt: skip
def test_a_faulty_change_is_named(faults: Any, item: str, code: str, words: str) -> None:
    found = faults("changes:\n" + item)
    assert code in {p.code for p in found}
    assert words in describe(found)
    assert all(p.file == "mine.yaml" and p.line >= 5 for p in found)


def test_all_problems_come_at_once(faults: Any) -> None:
    found = faults(
        "tittle: again\n" + SLOW.replace("slow", "slwo") + "changes:\n" + change(value="x")
    )
    assert codes(found) == [("SCEN-201", 4), ("SCEN-401", 8), ("SCEN-203", 14)]
    assert [p.path for p in found] == ["tittle", "timeline.0.set.regime", "changes.0.value"]


def test_a_wrong_unit_hides_no_other_fault_of_the_change(faults: Any) -> None:
    found = faults("changes:\n" + change(where="site: china-min", unit="shares"))
    assert [(p.code, p.path) for p in found] == [
        ("SCEN-401", "changes.0.where.site"),
        ("SCEN-404", "changes.0.unit"),
    ]


def test_the_name_is_that_of_the_file(faults: Any) -> None:
    text = "name: other\ntitle: t\nhorizon: {start: 2026-09-28, weeks: 4}\n"
    assert codes(faults(text)) == [("SCEN-204", 1)]


def test_a_horizon_starts_on_a_monday_and_must_be_given(faults: Any) -> None:
    text = "name: mine\ntitle: t\nhorizon: {start: 2026-09-29, weeks: 4}\n"
    assert [p.code for p in faults(text)] == ["SCEN-207"]
    assert [p.code for p in faults("name: mine\ntitle: t\n")] == ["SCEN-202"]
    assert [p.code for p in faults("name: mine\ntitle: t\nhorizon: {weeks: 0}\n")] == [
        "SCEN-202",
        "SCEN-203",
    ]


def test_two_changes_of_one_number_name_both_lines(faults: Any) -> None:
    text = (
        "changes:\n" + change() + change("stage_capacity", "stage: mining", when="to: 2027-01-04")
    )
    (found,) = faults(text)
    assert (found.code, found.line) == ("SCEN-411", 11)
    assert "line 5 of mine.yaml" in found.message


def test_changes_of_one_number_may_follow_each_other(load: Any) -> None:
    one = change(when="to: 2027-01-04")
    two = change(when="from: 2027-01-04", value="0.2")
    assert len(load("changes:\n" + one + two).changes) == 2


def test_history_before_the_start_is_allowed(load: Any) -> None:
    scenario = load("timeline:\n" + entry("2025-04-04"))
    assert scenario.week_of(scenario.timeline[0].effective) == -77


def test_extends_hands_down_and_replaces(load: Any, write: Any) -> None:
    write(SLOW + entry("2026-12-01", "open") + "changes:\n" + change(), "base")
    child = load(
        "name: mine\ntitle: t\nextends: base\nforesight: {step_weeks: 2}\ntimeline:\n"
        + entry("2026-11-16", "embargo", "exporter: CHN")
    )
    assert child.extends == ("base",)
    assert (child.start, child.weeks) == (date(2026, 9, 28), 52)
    assert [e.setting.regime for e in child.timeline] == ["embargo", "open"]
    assert (child.foresight.step_weeks, child.foresight.window_weeks) == (2, 40)
    assert len(child.changes) == 1


def test_what_lies_after_a_shorter_horizon_of_the_child_is_seen_coming(
    load: Any, write: Any
) -> None:
    write(SLOW + entry("2027-06-01", "open"), "base")
    child = load("name: mine\ntitle: t\nextends: base\nhorizon: {start: 2026-09-28, weeks: 10}\n")
    assert [e.setting.regime for e in child.timeline] == ["slow", "open"]


def test_a_circle_is_named(faults: Any, write: Any) -> None:
    write("extends: mine\n", "other")
    (found,) = faults("extends: other\n")
    assert (found.code, found.file) == ("SCEN-206", "other.yaml")
    assert "mine -> other -> mine" in found.message


def test_a_fault_in_what_is_extended_names_that_file(faults: Any, write: Any) -> None:
    write("tittle: t\n", "base")
    (found,) = faults("extends: base\n")
    assert (found.file, found.line) == ("base.yaml", 4)


def test_an_unknown_name_gives_the_nearest(load: Any, tables: Tables, tmp_path: Path) -> None:
    load("", name="no-truce")
    with pytest.raises(NothingMatched, match='Nearest: "no-truce"'):
        load_scenario("no-truc", tables, [tmp_path])
    with pytest.raises(NothingMatched, match="no scenario file"):
        load_scenario("elsewhere/x.yaml", tables, [tmp_path])


def test_settings_come_on_top(load: Any) -> None:
    scenario = load(
        SLOW,
        [
            "horizon.weeks=20",
            "foresight.mode=perfect",
            "site_capacity@site:china-mine@2026-10-05..=0.25",
            "opening_cover@sector:auto,region:EUR=12week",
        ],
    )
    assert (scenario.weeks, scenario.foresight.mode) == (20, "perfect")
    mine, cover = scenario.changes
    assert (mine.value, mine.unit, mine.start) == (0.25, "share", date(2026, 10, 5))
    assert (cover.value, cover.unit) == (12.0, "week")
    assert cover.where == (("region", "EUR"), ("sector", "auto"))


@pytest.mark.parametrize(
    ("text", "settings", "demand"),
    [
        ("", [], "central"),
        ("demand: high\n", [], "high"),
        ("demand: high\n", ["demand=base"], "base"),
        ("", ["horizon.start=2024-12-30"], "base"),
        ("", ["horizon.start=2025-01-06"], "central"),
        ("demand: low\n", ["horizon.start=2024-01-01"], "low"),
    ],
)
def test_plans_grow_as_is_said_or_from_the_year_after_the_base_year(
    load: Any, text: str, settings: list[str], demand: str
) -> None:
    scenario = load(text, settings)
    assert scenario.demand == demand
    assert scenario.as_json()["demand"] == demand


def test_what_is_extended_hands_its_demand_down(load: Any, write: Any) -> None:
    write("demand: low\n", "base")
    head = "name: mine\ntitle: t\nextends: base\n"
    assert load(head).demand == "low"
    assert load(head + "demand: high\n").demand == "high"


def test_another_demand_is_a_difference(load: Any) -> None:
    (found,) = scenario_diff(load(""), load("", ["demand=low"]))
    assert (found.what, found.one, found.other) == ("demand", "central", "low")


def test_a_shortened_horizon_keeps_later_entries_and_changes(load: Any) -> None:
    later = SLOW + "changes:\n" + change(when="from: 2027-01-04")
    whole, short = load(later), load(later, ["horizon.weeks=5"])
    assert (short.timeline, short.changes) == (whole.timeline, whole.changes)
    assert short.timeline
    assert short.changes


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "timeline:\n"
            + entry("2026-11-10", where="exporter: CHN")
            + entry("2026-11-13", "embargo"),
            6,
        ),
        ("changes:\n" + change(when="from: 2026-11-10, to: 2026-11-12"), 7),
    ],
)
def test_what_can_never_rule_a_week_is_named(faults: Any, text: str, line: int) -> None:
    (found,) = faults(text)
    assert (found.code, found.line) == ("SCEN-304", line)
    assert "no week" in found.message
    assert "Mondays" in found.hint


def test_days_of_one_week_may_rule_different_controls(load: Any) -> None:
    narrow = entry("2026-11-10", where="exporter: CHN, end_use: civil")
    later = entry("2026-11-13", "embargo", "exporter: CHN, end_use: military")
    assert len(load("timeline:\n" + narrow + later).timeline) == 2


@pytest.mark.parametrize(
    ("setting", "code", "words"),
    [
        ("horizon.wekes=3", "SCEN-602", 'Nearest: "horizon.weeks"'),
        ("site_capacity.x=0.5", "SCEN-602", "written as site_capacity@site:lynas-kuantan=0.5"),
        ("horizon.weeks", "SCEN-601", "has no value"),
        ("demand=more", "SCEN-203", "central"),
        ("horizon.weeks=many", "SCEN-203", "a whole number"),
        ("horizon.start=2026-09-29", "SCEN-207", "not a Monday"),
        ("site_capacity@china-mine=0.5", "SCEN-601", "badly written"),
        ("site_capacity@site:china-min=0.5", "SCEN-401", 'Nearest: "china-mine"'),
        ("site_capacity@site:china-mine=0.5 t", "SCEN-404", "given in share"),
    ],
)
def test_a_faulty_setting_is_named(faults: Any, setting: str, code: str, words: str) -> None:
    found = faults(SLOW, [setting])
    assert [p.code for p in found] == [code]
    assert words in describe(found)


def test_a_setting_that_sets_what_the_file_sets_is_refused(faults: Any) -> None:
    found = faults("changes:\n" + change(), ["line_capacity@line:china-mine-ore=0"])
    assert [p.code for p in found] == ["SCEN-411"]
    assert "line 5 of mine.yaml" in found[0].message


def test_a_listing_shows_broken_files_too(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("name: good\ntitle: A title\nextends: open\n")
    (tmp_path / "bad.yaml").write_text("name: [\n")
    (tmp_path / "notes.txt").write_text("no scenario\n")
    found = available([tmp_path, tmp_path / "nowhere"])
    assert [(f.name, f.title, f.extends, f.readable) for f in found] == [
        ("bad", "", "", False),
        ("good", "A title", "open", True),
    ]


def test_a_difference_is_listed_once(load: Any) -> None:
    one = load(SLOW + "changes:\n" + change(), name="one")
    other = load(SLOW.replace("slow", "embargo"), ["horizon.weeks=30"], name="other")
    found = scenario_diff(one, other)
    assert [(d.what, d.one, d.other) for d in found] == [
        ("horizon.weeks", "52", "30"),
        (
            "timeline 2026-11-16 CHN",
            "slow (announced 2026-11-10)",
            "embargo (announced 2026-11-10)",
        ),
        ("change site_capacity of site china-mine", "0.5 share", "-"),
    ]
    assert scenario_diff(one, one) == ()
    assert found[2].as_json()["other"] is None


def test_the_schema_names_every_kind_of_change_and_forbids_other_keys() -> None:
    schema = scenario_schema()
    change_part = schema["$defs"]["ChangePart"]
    assert change_part["properties"]["what"]["enum"] == list(KINDS)
    assert change_part["additionalProperties"] is False
    assert "from" in schema["$defs"]["WhenPart"]["properties"]


def test_many_entries_are_read_in_time(load: Any) -> None:
    days = [date(1996, 1, 1).toordinal() + 7 * i for i in range(1500)]
    text = "timeline:\n" + "".join(entry(date.fromordinal(d).isoformat()) for d in days)
    assert len(load(text).timeline) == 1500


def test_an_invalid_scenario_says_so(load: Any) -> None:
    with pytest.raises(InvalidInput, match="not valid"):
        load("x: 1\n")
