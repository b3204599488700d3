"""Scenarios of the tiny world drawn at random: dated regimes, and changes of every dated kind."""

from __future__ import annotations

from datetime import date, timedelta

import yaml
from hypothesis import strategies as st

START = date(2026, 9, 28)
CHANGES = (
    ("stage_capacity", {"stage": "magnet-making"}, "share"),
    ("site_capacity", {"site": "china-mine"}, "share"),
    ("plan", {"sector": "auto"}, "share"),
    ("arc_limit", {"material": "ndfeb-heavy", "origin": "CHN"}, "share"),
    ("recipe_share", {"recipe": "thrifted"}, "share"),
    ("licence", {"parameter": "throughput"}, "ratio"),
    ("licence", {"parameter": "review"}, "week"),
)


@st.composite
def scenario_text(draw: st.DrawFn, weeks: int = 52) -> str:
    """A scenario file `mine` in which nothing acts before it is known."""

    def days(count: int) -> list[date]:
        """Days that first count in weeks of their own."""
        found = draw(
            st.lists(st.integers(1, weeks - 2), min_size=count, max_size=count, unique=True)
        )
        return [START + timedelta(weeks=w, days=-draw(st.integers(0, 6))) for w in sorted(found)]

    timeline = []
    for day in days(draw(st.integers(0, 3))):
        setting = {"regime": draw(st.sampled_from(["slow", "embargo", "open"])), "exporter": "CHN"}
        known = day - timedelta(days=draw(st.integers(0, 60)))
        timeline.append({"announced": known, "effective": day, "set": setting})
    changes = []
    for what, where, unit in draw(st.lists(st.sampled_from(CHANGES), unique_by=str, max_size=3)):
        first, last = days(2)
        value = draw(st.sampled_from([0.0, 0.25, 0.8, 1.0]))
        changes.append({"what": what, "where": where, "unit": unit, "value": value})
        changes[-1]["when"] = {"from": first, "to": max(last, first + timedelta(days=8))}
        if draw(st.booleans()):
            changes[-1]["announced"] = first - timedelta(days=draw(st.integers(0, 60)))
    reason = {"why": "a reason", "source": "assumption"}
    tree = {
        "name": "mine",
        "title": "A drawn world",
        "horizon": {"start": START, "weeks": weeks},
        "timeline": [{**one, **reason} for one in timeline],
        "changes": [{**one, **reason} for one in changes],
    }
    return yaml.safe_dump(tree, sort_keys=False)
