"""Records that anything may have happened to: read and shown, or named; never a fault."""

from __future__ import annotations

import json
import random
from pathlib import Path
from uuid import UUID

from supplychain.errors import InvalidInput
from supplychain.report.pages.front_page import front_page
from supplychain.report.text.run_text import headline_table
from supplychain.runs.catalogue import read_entry
from supplychain.runs.records import in_short, read_report_record, read_run_record
from supplychain.runs.run_schema import Run, summary
from supplychain.runs.run_store import write_run
from supplychain.scheduled_reports.brief import brief_json, brief_text, sentence
from supplychain.scheduled_reports.publish import feed_text, shelves
from tests.runs.whole_runs import whole_run
from tests.scheduled_reports.shelf import ALERT, put, record
from tests.worlds.mutations import mutated

TRIES = 250


def test_runs(tmp_path: Path) -> None:
    folder = tmp_path / "storm"
    write_run(whole_run("storm", "aaaa1111"), folder)
    whole = json.loads((folder / "run.json").read_text())
    dice, refused = random.Random(7), 0
    for _ in range(TRIES):
        (folder / "run.json").write_text(json.dumps(mutated(whole, dice)))
        entry = read_entry(folder)
        if not entry.id:
            refused += 1
            assert "run.json" in entry.problem
            continue
        found = read_run_record(folder)
        json.dumps([entry.as_json(), summary(Run(found, {}))], allow_nan=False)
        headline_table(found)
    assert TRIES / 4 < refused < TRIES


def test_reports(tmp_path: Path) -> None:
    whole = record("weekly", number=2, alerts=[ALERT])
    file = put(tmp_path, whole) / "report.json"
    dice, refused = random.Random(7), 0
    for _ in range(TRIES):
        file.write_text(json.dumps(mutated(whole, dice)))
        try:
            found = read_report_record(file)
        except InvalidInput as damaged:
            refused += "report.json" in in_short(damaged)
            continue
        sentence(found)
        brief_text(found)
        json.dumps(brief_json(found), allow_nan=False)
        feed_text(shelves(tmp_path), f"urn:uuid:{UUID(int=1)}")
        front_page(shelves(tmp_path))
    assert TRIES / 4 < refused < TRIES
