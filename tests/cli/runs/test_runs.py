"""`supplychain runs` on the tiny world: list, show, diff, reproduce, prune, reindex."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from supplychain.runs.run_cache import keep
from supplychain.runs.run_store import read_run
from tests.cli.conftest import Command
from tests.cli.runs.conftest import ids, key_of, short


def test_list(command: Command, out: Path) -> None:
    project = out.parent.parent
    said = command("runs", "list", "--json")
    runs = said.json["data"]["runs"]
    assert [run["scenario"] for run in runs] == ["storm", "storm", "calm"]
    assert {run["id"] for run in runs} == {
        short(out), key_of(project, "calm"), key_of(project, "storm"),
    }  # fmt: skip
    assert runs[-1]["folder"] == "reports/out/calm"
    assert ids(command, "--scenario", "calm") == [key_of(project, "calm")]
    assert len(ids(command, "--limit", "1")) == 1
    text = command("runs", "list", "--limit", "1").out
    assert "2 older ones." in text
    assert "storm" in text


def test_a_narrow_list_leaves_out_what_does_not_fit(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "reports/out/calm" in command("runs", "list").out
    monkeypatch.setattr("supplychain.report.text.terminal_table.terminal_width", lambda: 80)
    lines = command("runs", "list").out.splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) <= 80
    assert key_of(out.parent.parent, "calm") in lines[-1]


def test_nothing_to_list(command: Command) -> None:
    said = command("runs", "list", "-o", "nowhere")
    assert (said.code, said.out) == (0, "There are no runs in nowhere yet.\n")
    assert not Path("nowhere").exists()


def test_a_scenario_without_a_run(command: Command, out: Path) -> None:
    assert out.is_dir()
    said = command("runs", "list", "--scenario", "strom")
    assert said.code == 7
    assert 'Nearest: "storm".' in said.err


def test_damaged_folders_are_named_and_hide_no_other(command: Command, out: Path) -> None:
    key = short(out)
    (out / "calm" / "run.json").write_text("{")
    (out / "store" / key / "tables" / "flows.parquet").write_bytes(b"x")
    said = command("runs", "list")
    assert said.code == 0
    assert said.out.count("storm") >= 2
    assert "reports/out/calm: run.json: it is not whole" in said.err
    assert "tables not as they were written, or gone: flows" in said.err
    damaged = command("runs", "list", "--json").json["data"]["damaged"]
    assert {entry["folder"] for entry in damaged} == {
        "reports/out/calm", f"reports/out/store/{key}",
    }  # fmt: skip


def test_show(command: Command, out: Path) -> None:
    key = key_of(out.parent.parent, "storm")
    said = command("runs", "show", key[:8])
    assert said.code == 0
    for words in (key, "Licences get slow", "20 weeks from 2026-09-28", "highspy", "munitions"):
        assert words in said.out
    data = command("runs", "show", "latest:storm", "--json").json["data"]
    assert set(data["folders"]) == {"reports/out/storm", f"reports/out/store/{key}"}
    assert data["record"]["id"] == key
    file = out / "storm" / "run.json"
    warning = "review does not bind in any week; throughput does."
    file.write_text(json.dumps({**json.loads(file.read_text()), "warnings": [warning]}))
    assert f"storm: {warning}" in command("runs", "show", "reports/out/storm").err


def test_diff_says_what_made_the_difference(command: Command, out: Path) -> None:
    said = command("runs", "diff", short(out), "latest:calm", "--json").json["data"]
    whats = [row["what"] for row in said["inputs"]]
    assert "horizon.weeks" in whats
    assert any(what.startswith("timeline 2026-11-02") for what in whats)
    moved = {table["table"] for table in said["tables"] if not table["same"]}
    assert {"flows", "indicators", "licences"} <= moved
    text = command("runs", "diff", short(out), "latest:calm").out
    assert "table that moved" in text
    assert "inf" not in text


def test_a_run_does_not_differ_from_itself(command: Command, out: Path) -> None:
    key = key_of(out.parent.parent, "storm")
    said = command("runs", "diff", "reports/out/storm", f"reports/out/store/{key}")
    assert "They have the same inputs." in said.out
    assert "All 28 tables are the same" in said.out


def test_runs_of_the_store_are_compared_under_names_of_their_own(
    command: Command, out: Path
) -> None:
    key, brief = key_of(out.parent.parent, "storm"), short(out)
    assert command("run", "storm", "--set", "foresight.step_weeks=2", "-q").code == 0
    keep(read_run(out / "storm"), out)
    other = key_of(out.parent.parent, "storm")
    assert other != key
    assert command("compare", key, brief).code == 3  # of other weeks
    said = command("compare", key, other, "--json")
    assert said.code == 0, said.err
    names = [run["scenario"] for run in [said.json["data"]["base"], *said.json["data"]["runs"]]]
    assert names == [f"storm-{key[:6]}", f"storm-{other[:6]}"]
    assert all(Path(file).is_file() for file in said.json["artifacts"])
    page = Path(said.json["artifacts"][0]).read_text()
    assert f"storm-{key[:6]} beside storm-{other[:6]}" in page


def test_a_damaged_run_is_not_compared(command: Command, out: Path) -> None:
    other = short(out)
    (out / "store" / other / "tables" / "flows.parquet").write_bytes(b"x")
    said = command("compare", "latest:calm", other)
    assert said.code == 3
    assert "RUN-104" in said.err


def test_reproduce(command: Command, out: Path) -> None:
    (out.parent.parent / "scenarios" / "storm.yaml").unlink()
    said = command("runs", "reproduce", short(out), "--json")
    assert said.code == 0, said.err
    data = said.json["data"]
    assert data["reproduced"] is True
    assert len(data["tables"]) == 28
    assert data["tolerance"] == 1e-6
    assert (data["data"]["changed"], data["versions"]) == (False, {})
    text = command("runs", "reproduce", short(out)).out
    assert "The data are the same." in text
    assert "All 28 tables are the same to 1e-06" in text


def change_data(project: Path) -> None:
    """Double what customers hold at the start."""
    file = project / "data" / "covers.csv"
    head, *rows = file.read_text().splitlines()
    value = head.split(",").index("value")
    changed = [row.split(",") for row in rows]
    for cells in changed:
        cells[value] = str(float(cells[value]) * 1.01)
    file.write_text("\n".join([head, *(",".join(cells) for cells in changed)]) + "\n")


def test_reproduce_with_other_data_says_so(command: Command, out: Path) -> None:
    change_data(out.parent.parent)
    said = command("runs", "reproduce", "latest:storm")
    assert said.code == 6
    assert "The data are not the same" in said.out
    assert "moved; data changed since." in said.err
    assert "stocks" in said.out
    loose = command("runs", "reproduce", "latest:storm", "--tolerance", "1", "--json")
    assert loose.code == 0
    assert loose.json["data"]["data"]["changed"] is True


def test_reproduce_names_other_versions(command: Command, out: Path) -> None:
    file = out / "calm" / "run.json"
    record = json.loads(file.read_text())
    versions = {**record["versions"], "highspy": "0.1"}
    file.write_text(json.dumps({**record, "versions": versions}))
    said = command("runs", "reproduce", "latest:calm")
    assert said.code == 0
    assert "highspy was 0.1 and is " in said.out


@pytest.mark.parametrize("gone", ["data", "table"])
def test_what_cannot_be_reproduced(command: Command, out: Path, gone: str) -> None:
    project = out.parent.parent
    if gone == "data":
        shutil.rmtree(project / "data")
    else:
        (out / "store" / short(out) / "tables" / "flows.parquet").unlink()
    said = command("runs", "reproduce", short(out))
    assert said.code == 3
    assert "Nothing was compared." in said.err


def test_reproduce_with_another_data_folder(command: Command, out: Path) -> None:
    (out.parent.parent / "data").rename(out.parent.parent / "moved")
    assert command("runs", "reproduce", "latest:calm", "--data", "moved").code == 0


def test_reindex(command: Command, out: Path) -> None:
    ids(command)
    size = (out / "storm" / "tables" / "flows.parquet").stat()
    flip(out / "storm" / "tables" / "flows.parquet", size.st_mtime_ns)
    assert command("runs", "list").err == ""
    said = command("runs", "reindex")
    assert said.code == 0
    assert said.out == "3 runs in 4 folders.\n"
    assert "gone: flows" in said.err


def flip(file: Path, time: int) -> None:
    """Change a byte as a failing disk would: neither size nor time say so."""
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    file.write_bytes(whole)
    os.utime(file, ns=(time, time))


def test_a_damaged_catalogue_is_said(command: Command, out: Path) -> None:
    before = ids(command)
    (out / "runs.sqlite").write_bytes(b"no catalogue" * 1000)
    said = command("runs", "list", "--json")
    assert [run["id"] for run in said.json["data"]["runs"]] == before
    (note,) = said.json["warnings"]
    assert "was damaged" in note


@pytest.mark.parametrize("words", [("show", "latest:calme"), ("diff", "latest", "none")])
def test_no_such_run(command: Command, out: Path, words: tuple[str, ...]) -> None:
    assert out.is_dir()
    said = command("runs", *words)
    assert said.code == 7
    assert "There is no run" in said.err
