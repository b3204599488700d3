"""Files with very many entries: what is found stays the same, and time grows with the file."""

from __future__ import annotations

import time
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from supplychain.dataset import read_tables
from supplychain.scenario.load_scenario import load_scenario
from supplychain.scenario.scenario_checks import _owners
from tests.cli.projects import CALM, make_project

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
ENDLESS = float("inf")
SPANS = st.tuples(st.integers(-3, 12) | st.just(-ENDLESS), st.integers(-3, 12) | st.just(ENDLESS))


@given(st.lists(SPANS.filter(lambda span: span[0] < span[1]), max_size=9))
def test_a_change_clashes_if_it_overlaps_one_before_it(spans: list[tuple[float, float]]) -> None:
    owned: list = []  # type: ignore[type-arg]
    for place, (first, last) in enumerate(spans):
        found = _owners(owned, first, last, place)  # type: ignore[arg-type]
        overlapped = {i for i, (a, b) in enumerate(spans[:place]) if a < last and first < b}
        assert set(found) <= overlapped
        assert bool(found) == bool(overlapped)
        assert all(one[1] <= two[0] for one, two in pairwise(owned))


def test_two_thousand_changes_are_checked_in_seconds(tmp_path: Path) -> None:
    """They took 18 s, and four times that for twice as many."""
    make_project(tmp_path)
    first = date(2026, 10, 5)
    parts = [CALM.replace("weeks: 20", "weeks: 1040"), "changes:\n"]
    for week in range(1000):
        for stage in ("magnet-making", "separation"):
            day = first + timedelta(weeks=week)
            parts.append(
                f"  - {{what: stage_capacity, where: {{stage: {stage}}}, value: 0.5, unit: share,"
                f" when: {{from: {day}, to: {day + timedelta(weeks=1)}}}, why: a, "
                "source: assumption}\n"
            )
    file = tmp_path / "scenarios" / "calm.yaml"
    file.write_text("".join(parts))
    tables = read_tables(TINY)
    started = time.process_time()
    found = load_scenario(str(file), tables, [tmp_path / "scenarios"])
    assert len(found.changes) == 2000
    assert time.process_time() - started < 6.0
