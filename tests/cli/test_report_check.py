"""`supplychain report --check` and `--schema`: definitions looked at, nothing made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supplychain.scheduled_reports.report_schema import report_schema
from tests.cli.conftest import Command
from tests.cli.reports import make_reports, write_report


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_reports(tmp_path)


def test_check_names_the_problems_of_all_and_makes_nothing(command: Command, project: Path) -> None:
    said = command("report", "--check", "tiny")
    assert said.code == 0
    assert "calm, storm" in said.out
    assert said.out.endswith("No problems.\n")
    write_report(project, "one", base="rain")
    write_report(project, "two", focus="snow")
    said = command("report", "one", "--check", "two", "tiny", "--json")
    assert said.code == 3
    assert [e["file"] for e in said.json["errors"]] == ["reports/one.yaml", "reports/two.yaml"]
    assert not (project / "reports" / "out").exists()
    assert command("report", "--check", "three").code == 7


def test_the_schema_is_printed(command: Command) -> None:
    assert json.loads(command("report", "--schema").out) == report_schema()
