"""docs/keeping-current.md: the five steps are done in a copy of the package, as written."""

from __future__ import annotations

import csv
from pathlib import Path

from supplychain.runs.run_store import read_run
from tests.docs.test_recipes import ROOT, follow, project, recipes

__all__ = ["project"]

PAGE = ROOT / "docs" / "keeping-current.md"
RECORD = "name: record\ntitle: The record\nhorizon: {start: 2026-11-30, weeks: 30}\n"
EVENT = "cn-2026-no40"


def test_the_steps_work_and_the_run_knows_the_event(project: Path) -> None:
    (project / "scenarios" / "record.yaml").write_text(RECORD)
    steps = recipes(PAGE)
    assert [step[:1] for step in steps] == list("12345")
    follow([block for blocks in steps.values() for block in blocks], project)
    record = read_run(project / "out" / "record").record
    assert record["as_of"]["event"] == EVENT
    assert record["as_of"]["stale"] == ""
    with (project / "data" / "events.csv").open(newline="") as file:
        keys = [row["event"] for row in csv.DictReader(file)]
    assert keys.index(EVENT) == keys.index("calm-so-far") + 1
