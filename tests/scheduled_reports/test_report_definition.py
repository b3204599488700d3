"""Report definitions: every problem at once with its place, and what ships."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yaml

from supplychain.dataset import read_tables
from supplychain.errors import InvalidInput
from supplychain.files import shipped
from supplychain.scheduled_reports.report_definition import (
    definitions,
    load_definition,
    report_folders,
)
from supplychain.scheduled_reports.report_plan import DataCache, Ground, make_plan
from supplychain.scheduled_reports.report_schema import SECTIONS, DefinitionPart, report_schema
from tests.cli.conftest import TINY
from tests.cli.reports import make_reports, write_report

BAD = """\
name: bad one
titel: Hello
scenarios: [calm, calm, rain]
base: storm
horizon: {start: next mondey, weks: 3}
forms: [html, docx]
sections: [sectors, stocks]
alerts:
  - {name: x, sector: auto, measure: first_week, above: 3}
  - {name: y, sector: autos, measure: lost_share, rises_by: 0.1, scenario: fog}
changed: {lost_share: 4}
every: mondays
"""
EXPECTED = [
    ("REPORT-202", 1, 1, 'the key "title" is missing.'),
    ("REPORT-203", 1, 7, '"bad one": small letters, digits and hyphens are wanted'),
    ("REPORT-201", 2, 1, '"titel" is not a key here.'),
    ("REPORT-206", 3, 19, '"calm" is there twice.'),
    ("REPORT-302", 3, 25, 'There is no scenario "rain"'),
    ("REPORT-208", 4, 7, '"storm" is not among the scenarios of this definition.'),
    ("REPORT-203", 5, 18, '"next mondey": no such words are known.'),
    ("REPORT-201", 5, 31, '"weks" is not a key here.'),
    ("REPORT-203", 6, 15, '"docx": html, pdf, xlsx or csv is wanted.'),
    ("REPORT-203", 7, 21, '"stocks": sectors, first-stops'),
    ("REPORT-203", 9, 5, "first_week goes with earlier_by_weeks or within_weeks."),
    ("REPORT-301", 10, 23, 'there is no sector "autos" in the data.'),
    ("REPORT-208", 10, 76, '"fog" is not among the scenarios of this definition.'),
    ("REPORT-203", 11, 23, '"4": at most 1.0 is wanted.'),
    ("REPORT-203", 12, 8, '"mondays": daily, monthly or a weekday is wanted'),
]


def problems(file: Path, project: Path) -> list[tuple[str, int, object, str]]:
    ground = Ground(project / "out", folders=(project / "scenarios",), data=TINY)
    try:
        make_plan(load_definition(file), date(2026, 11, 22), ground, DataCache())
    except InvalidInput as error:
        return [(p.code, p.line, p.column, p.message) for p in error.problems]
    return []


def test_every_problem_is_named_at_once_with_its_place(tmp_path: Path) -> None:
    make_reports(tmp_path)
    file = tmp_path / "reports" / "bad.yaml"
    file.write_text(BAD)
    found = problems(file, tmp_path)
    assert [p[:3] for p in found] == [p[:3] for p in EXPECTED]
    for one, expected in zip(found, EXPECTED, strict=True):
        assert one[3].startswith(expected[3])


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", "REPORT-105", "the file holds no report definition"),
        ("- a\n", "REPORT-105", "the file holds no report definition"),
        ("name: [\n", "REPORT-102", "the text is not well-formed YAML"),
        ("name: a\nname: b\n", "REPORT-103", '"name" is already in line 1.'),
    ],
)
def test_what_is_no_definition_is_said(tmp_path: Path, text: str, code: str, says: str) -> None:
    make_reports(tmp_path)
    file = tmp_path / "reports" / "b.yaml"
    file.write_text(text)
    found = problems(file, tmp_path)
    assert code in [p[0] for p in found]
    assert any(p[3].startswith(says) for p in found)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"name": "store"}, "REPORT-205"),
        ({"scenarios": ["calm"], "sections": ["difference-map"]}, "REPORT-207"),
        ({"scenarios": ["calm", "../scenarios/calm.yaml"]}, "REPORT-206"),
        ({"scenarios": ["calm", "gone.yaml"]}, "REPORT-302"),
        ({"horizon": {"start": "2026-09-29"}}, "REPORT-203"),
        ({"horizon": {"weeks": 0}}, "REPORT-203"),
        ({"retention": {"reports": 0}}, "REPORT-203"),
        ({"set": {"horizon.weks": "3"}}, "REPORT-209"),
        ({"data": "nowhere"}, "DATA-101"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, other: dict[str, object], code: str) -> None:
    make_reports(tmp_path)
    name = str(other.pop("name", "odd"))
    file = write_report(tmp_path, name, **other)
    assert code in [p[0] for p in problems(file, tmp_path)]
    assert problems(tmp_path / "reports" / "tiny.yaml", tmp_path) == []


def test_a_file_of_another_name_is_refused(tmp_path: Path) -> None:
    make_reports(tmp_path)
    file = tmp_path / "reports" / "other.yaml"
    file.write_text((tmp_path / "reports" / "tiny.yaml").read_text())
    assert [p[:2] for p in problems(file, tmp_path)] == [("REPORT-204", 1)]


def test_paths_are_relative_to_the_definition(tmp_path: Path) -> None:
    make_reports(tmp_path)
    (tmp_path / "reports" / "more").mkdir()
    (tmp_path / "reports" / "more" / "covers.csv").write_text(
        "customer,material,quantity,value,low,high,unit,kind,source,note\n"
        "guided-weapon-usa,ndfeb-heavy,opening_cover,9,8,32,week,assumed,assumption,\n"
    )
    file = write_report(
        tmp_path, "own", scenarios=["../scenarios/calm.yaml", "storm"], overlays=["more"],
        base="storm",
    )  # fmt: skip
    ground = Ground(tmp_path / "out", folders=(tmp_path / "scenarios",), data=TINY)
    plan = make_plan(load_definition(file), date(2026, 11, 22), ground, DataCache())
    assert [one.scenario.name for one in plan.wanted] == ["calm", "storm"]
    assert {c.column for c in plan.tables.changes} == {"value", "low"}
    assert plan.base == "storm"


def test_what_ships_is_valid_on_the_shipped_data() -> None:
    found = definitions([shipped("reports")])
    assert [one.name for one in found] == ["truce-watch", "weekly"]
    tables = read_tables()
    library = DataCache({(None, ()): tables})
    for one in found:
        definition = load_definition(one.path)
        plan = make_plan(definition, date(2026, 11, 22), Ground(Path("out")), library)
        assert plan.definition.part.every
        assert all(w.scenario.start.weekday() == 0 for w in plan.wanted)


def test_the_schema_that_ships_is_that_of_the_program() -> None:
    file = shipped("reports") / "report.schema.json"
    assert json.loads(file.read_text()) == report_schema()
    for one in definitions([shipped("reports")]):
        assert one.path.read_text().startswith(f"# yaml-language-server: $schema={file.name}\n")
        keys = set(yaml.safe_load(one.path.read_text()))
        assert keys <= set(report_schema()["properties"])


def test_sections_of_the_schema_are_those_that_are_explained() -> None:
    said = report_schema()["properties"]["sections"]
    assert set(said["anyOf"][0]["items"]["enum"]) == set(SECTIONS)
    assert set(DefinitionPart.model_fields) >= {"alerts", "changed", "retention", "forms"}


def test_the_own_folder_comes_first(tmp_path: Path) -> None:
    assert report_folders(tmp_path) == (shipped("reports"),)
    make_reports(tmp_path)
    assert report_folders(tmp_path) == (tmp_path / "reports", shipped("reports"))
