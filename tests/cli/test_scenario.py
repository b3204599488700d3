"""`supplychain scenario`, with a project of two scenarios on the tiny world."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Command
from tests.cli.projects import CALM, STORM, make_project


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    """The tests stand in the project's folder."""
    return make_project(tmp_path)


def test_list_says_where_each_comes_from(command: Command, project: Path) -> None:
    (project / "scenarios" / "open.yaml").write_text("name: open\ntitle: Ours\nextends: calm\n")
    (project / "scenarios" / "torn.yaml").write_text("name: [torn\n")
    entries = {
        e["name"]: e for e in command("scenario", "list", "--json").json["data"]["scenarios"]
    }
    assert entries["storm"]["extends"] == "calm"
    assert entries["open"]["title"] == "Ours"
    assert entries["open"]["from"] == "scenarios"
    assert entries["no-truce"]["from"] == "shipped"
    said = command("scenario", "list")
    assert "cannot be read: supplychain scenario check" in said.out


def test_show_prints_what_is_solved(command: Command) -> None:
    said = command("scenario", "show", "storm")
    assert said.code == 0, said.err
    assert said.out.startswith("# ")
    assert said.out.splitlines()[0].endswith("storm.yaml (scenarios)")
    found = yaml.safe_load(said.out)
    assert found["extends"] == ["calm"]
    assert [e["set"]["regime"] for e in found["timeline"]] == ["open", "slow"]
    data = command("scenario", "show", "storm", "--json").json["data"]
    assert data["horizon"] == {"start": "2026-09-28", "weeks": 20}


def test_check_tells_every_problem_of_every_scenario(command: Command, project: Path) -> None:
    assert command("scenario", "check", "calm", "storm").code == 0
    (project / "scenarios" / "calm.yaml").write_text(CALM.replace("timeline:", "timelin:"))
    (project / "scenarios" / "other.yaml").write_text(
        STORM.replace("storm", "other").replace("regime: slow", "regime: slwo")
    )
    said = command("scenario", "check", "calm", "other")
    assert said.code == 3
    assert said.out == ""
    assert '"timeline"' in said.err
    assert '"slow"' in said.err
    errors = command("scenario", "check", "calm", "--json").json["errors"]
    assert errors[0]["line"] == 4
    assert errors[0]["column"]


STOCK = """changes:
  - what: opening_stock
    where: {region: USA, material: ore-bayan-obo}
    value: 5
    unit: t
    why: a reason
    source: assumption
"""


def test_check_refuses_what_a_run_would_refuse(command: Command, project: Path) -> None:
    text = f"name: calm\ntitle: t\nhorizon: {{start: 2026-09-28, weeks: 4}}\n{STOCK}"
    (project / "scenarios" / "calm.yaml").write_text(text)
    said = command("scenario", "check", "calm")
    assert said.code == 3
    assert "SCEN-406" in said.err
    assert "USA holds no ore-bayan-obo" in said.err


def test_check_names_what_rules_no_week(command: Command, project: Path) -> None:
    text = "name: brief\ntitle: t\nextends: storm\nhorizon: {start: 2026-09-28, weeks: 1}\n"
    (project / "scenarios" / "brief.yaml").write_text(text)
    (warning,) = command("scenario", "check", "brief", "--json").json["warnings"]
    assert warning.startswith("brief: slow for CHN from ")
    assert "after the horizon, which ends on 2026-10-05" in warning


def test_diff_lists_what_differs(command: Command) -> None:
    said = command("scenario", "diff", "calm", "storm")
    assert said.code == 0, said.err
    assert "2026-11-02" in said.out
    assert "slow" in said.out
    assert command("scenario", "diff", "calm", "calm").out == "They do not differ.\n"
    (found,) = command("scenario", "diff", "calm", "storm", "--json").json["data"]["differences"]
    assert found["one"] is None


def test_a_name_that_is_not_there_is_7_with_the_nearest(command: Command) -> None:
    said = command("scenario", "show", "strom")
    assert said.code == 7
    assert '"storm"' in said.err


def test_new_writes_one_that_is_valid(command: Command, project: Path) -> None:
    said = command("scenario", "new", "late-storm", "--extends", "storm")
    assert said.code == 0, said.err
    assert (project / "scenarios" / "late-storm.yaml").is_file()
    assert command("scenario", "check", "late-storm").code == 0
    again = command("scenario", "new", "late-storm", "--extends", "storm")
    assert again.code == 3
    assert "--force" in again.err
    assert command("scenario", "new", "late-storm", "--extends", "calm", "--force").code == 0
    assert "extends: calm" in (project / "scenarios" / "late-storm.yaml").read_text()


@pytest.mark.parametrize("name", ["Late", "late storm", "../late", "späte"])
def test_a_name_that_cannot_be_is_refused(command: Command, project: Path, name: str) -> None:
    said = command("scenario", "new", name, "--extends", "storm")
    assert said.code == 3
    assert "small letters" in said.err
    assert sorted(p.name for p in (project / "scenarios").iterdir()) == ["calm.yaml", "storm.yaml"]


def test_the_examples_in_a_new_scenario_hold_on_the_shipped_data(
    command: Command, project: Path
) -> None:
    (project / "supplychain.toml").write_text("")
    assert command("scenario", "new", "late-truce").code == 0
    file = project / "scenarios" / "late-truce.yaml"
    text = file.read_text().replace("\n# ", "\n").replace("\nChanges of", "\n# Changes of")
    file.write_text(text)
    said = command("scenario", "show", "late-truce")
    assert said.code == 0, said.err
    assert len(yaml.safe_load(said.out)["changes"]) == 1


def test_the_schema_names_every_key(command: Command) -> None:
    schema = command("scenario", "schema", "--json").json["data"]
    assert set(yaml.safe_load(CALM)) <= set(schema["properties"])
    assert command("scenario", "schema").out.startswith("{\n")


def test_the_schema_of_an_ensemble_is_another(command: Command) -> None:
    schema = command("scenario", "schema", "--ensemble", "--json").json["data"]
    assert {"base", "members", "seed", "paths", "inputs"} <= set(schema["properties"])
