"""The grammar of KEY=VALUE, and scenarios that are named with changes on top."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supplychain.dataset import Tables
from supplychain.errors import InvalidInput, Problem
from supplychain.files import PLAIN_NAME, folder_name
from supplychain.scenario.change_types import KINDS, LICENCE_UNITS, units_of
from supplychain.scenario.load_scenario import load_scenario
from supplychain.scenario.overrides import changed_name, parse_settings, read_override, split_name

WORDS = st.sampled_from(("auto", "EUR", "ndpr-oxide", "cn-2025-18-magnets", "china-mine"))
DATES = st.sampled_from(("", "@2026-10-05..", "@..2027-01-04", "@2026-10-05..2027-01-04"))
NUMBERS = st.floats(0.0, 1e9, allow_nan=False).map(repr)


@st.composite
def written(draw: st.DrawFn) -> str:
    """A change as somebody may write it: any kind, keys in any order, with or without a unit."""
    if draw(st.booleans()):
        parameter = draw(st.sampled_from(sorted(LICENCE_UNITS)))
        unit = draw(st.sampled_from(("", LICENCE_UNITS[parameter])))
        control = draw(st.sampled_from(("", "@control:cn-2025-18-magnets")))
        return f"{parameter}{control}{draw(DATES)}={draw(NUMBERS)}{unit}"
    kind = KINDS[draw(st.sampled_from(sorted(set(KINDS) - {"licence"})))]
    keys = draw(st.lists(st.sampled_from(kind.keys), min_size=1, unique=True))
    where = ",".join(f"{key}:{draw(WORDS)}" for key in keys)
    units = units_of(kind, {})
    unit = draw(st.sampled_from(("", *units, *(("%",) if "share" in units else ()))))
    return f"{kind.name}@{where}{draw(DATES)}={draw(NUMBERS)}{unit}"


def read(text: str) -> Any:
    problems: list[Problem] = []
    found = read_override(text, problems)
    assert found is not None, problems
    return found


@given(written())
@settings(max_examples=100, deadline=None)
def test_one_form_reads_back_as_the_same(text: str) -> None:
    once = read(text)
    again = read(once.text)
    assert again.text == once.text
    assert (again.kind, sorted(again.reach.items())) == (once.kind, sorted(once.reach.items()))
    assert (again.start, again.end) == (once.start, once.end)


@given(st.lists(written(), min_size=1, max_size=3), st.randoms())
@settings(max_examples=40, deadline=None)
def test_a_name_is_taken_apart_as_it_was_put_together(texts: list[str], rng: Any) -> None:
    changes = [read(text) for text in texts]
    name = changed_name("no-truce", changes)
    rng.shuffle(changes)
    assert changed_name("no-truce", changes) == name
    base, parts = split_name(name)
    assert (base, list(parts)) == ("no-truce", sorted(change.text for change in changes))


@given(st.sets(written().map(lambda text: read(text).text), min_size=2, max_size=3))
@settings(max_examples=40, deadline=None)
def test_each_changed_scenario_has_a_folder_of_its_own(texts: set[str]) -> None:
    folders = {folder_name(f"no-truce+{text}") for text in texts}
    assert len(folders) == len(texts)
    for folder in folders:
        assert re.fullmatch(PLAIN_NAME, folder)
        assert not set(folder) & set("=:")


def test_long_names_are_cut_and_stay_apart() -> None:
    names = [f"no-truce+review@control:{'x' * 150}-{i}=9week" for i in range(3)]
    folders = {folder_name(name) for name in names}
    assert len(folders) == 3
    assert {len(folder) for folder in folders} == {100}


@pytest.mark.parametrize(
    "text", ["review=2", "licence@parameter:review=2week", "review=14day", "review= 2 week"]
)
def test_a_licence_parameter_goes_by_its_own_name(load: Any, text: str) -> None:
    (change,) = load("", [text]).changes
    assert (change.what, dict(change.where)) == ("licence", {"parameter": "review"})
    assert (change.value, change.unit) == (pytest.approx(2.0), "week")
    assert read(text).text == "review=2week"


def test_a_changed_scenario_is_the_same_with_the_changes_set(
    load: Any, tables: Tables, tmp_path: Path
) -> None:
    changes = ["opening_cover@region:EUR,sector:auto=6", "review=18week", "horizon.weeks=20"]
    plain = load("", changes)
    named = load_scenario("+".join(["mine", *changes]), tables, [tmp_path])
    assert named.name == (
        "mine+horizon.weeks=20+opening_cover@region:EUR,sector:auto=6ratio+review=18week"
    )
    assert named.extends[0] == "mine"
    assert named.title.endswith("review 18 weeks")
    own = {"name", "title", "extends", "changes"}
    ours, theirs = named.as_json(), plain.as_json()
    assert {k: v for k, v in ours.items() if k not in own} == {
        k: v for k, v in theirs.items() if k not in own
    }
    assert sorted(ours["changes"], key=str) == sorted(theirs["changes"], key=str)  # type: ignore[call-overload]
    turned = load_scenario("+".join(["mine", *reversed(changes)]), tables, [tmp_path])
    assert turned.as_json() == named.as_json()


@pytest.mark.parametrize(
    ("word", "code", "said"),
    [
        ("mine+reviw=18week", "SCEN-602", 'Nearest: "review"'),
        ("mine+review=18t", "SCEN-404", "does not fit"),
        ("mine+review=x", "SCEN-601", "badly written"),
        ("mine+review=9+licence@parameter:review=8", "SCEN-603", "given twice"),
    ],
)
def test_what_is_wrong_with_a_changed_name_is_said_with_it(
    load: Any, tables: Tables, tmp_path: Path, word: str, code: str, said: str
) -> None:
    load("")
    with pytest.raises(InvalidInput) as caught:
        load_scenario(word, tables, [tmp_path])
    (found,) = caught.value.problems
    assert (found.code, found.file) == (code, word)
    assert said in f"{found.message} {found.hint}"


def test_both_kinds_of_duplicates_are_problems_at_once() -> None:
    found = parse_settings(["review=9", "review=10", "demand=low", "demand=high", "nonsense=1"])
    assert [p.code for p in found.problems] == ["SCEN-603", "SCEN-603", "SCEN-602"]
