"""docs/reports.md: its example is a valid definition, its tables name all that there is."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from supplychain.scheduled_reports.report_definition import load_definition
from supplychain.scheduled_reports.report_plan import DataCache, Ground, make_plan
from supplychain.scheduled_reports.report_schema import SECTIONS, DefinitionPart, read_moment

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")


def rows(head: str) -> list[list[str]]:
    """The words in code of each row of the table with that heading, the first column's."""
    table = TEXT.split(f"\n| {head} |")[1].split("\n\n")[0].splitlines()[2:]
    return [re.findall(r"`([^`]+)`", row.split("|")[1]) for row in table]


def test_the_example_is_valid_on_the_shipped_data(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.+?)```", TEXT, re.DOTALL)
    file = tmp_path / "reports" / "weekly.yaml"
    file.parent.mkdir()
    file.write_text(example)
    overlay = tmp_path / "our-numbers"
    overlay.mkdir()
    (overlay / "covers.csv").write_text(
        "customer,material,quantity,value,low,high,unit,kind,source,note\n"
        "aero-engine-new-eur,smco,opening_cover,15,8,40,week,assumed,assumption,\n"
    )
    definition = load_definition(file)
    plan = make_plan(definition, date(2026, 11, 22), Ground(tmp_path), DataCache())
    assert [one.scenario.name for one in plan.wanted] == ["truce", "no-truce"]
    assert [change.column for change in plan.tables.changes] == ["value", "note"]
    keys = {field.alias or name for name, field in DefinitionPart.model_fields.items()}
    told = set(definition.document.tree) | {"data", "foresight", "allocation", "band", "set"}
    assert told == keys


def test_every_section_is_in_its_table() -> None:
    assert [name for row in rows("section") for name in row] == list(SECTIONS)


def test_every_start_is_understood() -> None:
    starts = [word for row in rows("`start`") for word in row]
    assert len(starts) == 7
    for start in starts:
        assert read_moment(start)(date(2026, 11, 22)).weekday() == 0
