"""What a planner says is on a company's shelf holds when the horizon starts, whatever its past."""

from __future__ import annotations

from dataclasses import replace

from supplychain.dataset import Tables
from supplychain.scenario.scenario import Change, Origin, Scenario


def with_stated_stocks(scenario: Scenario, tables: Tables) -> Scenario:
    """Set the shelf of each company where a solved past would say what is left of it.

    Changes of the scenario itself come later, and win.
    """
    if scenario.history is None:
        return scenario
    own = set(tables["companies"]["company"])
    segment = dict(
        zip(tables["customers"]["customer"], tables["customers"]["segment"], strict=True)
    )
    stated = [
        Change(
            what="shelf_cover",
            where=(("customer", str(row["customer"])), ("material", str(row["material"]))),
            start=None,
            end=None,
            announced=None,
            value=float(row["value"]),
            unit="week",
            why="said of the company: what is on its shelf at the start",
            source=str(row["source"]),
            origin=Origin(str(row["_file"]), int(row["_line"]), 1),
        )
        for row in tables.records("covers")
        if row["quantity"] == "target_cover" and segment[row["customer"]] in own
    ]
    return replace(scenario, changes=(*stated, *scenario.changes))
