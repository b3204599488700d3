"""`supplychain runs` on the tiny world: list, show, diff, reproduce, prune, reindex."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from supplychain.results.catalogue import open_catalogue
from supplychain.results.kept import keep
from supplychain.results.store import read_run
from tests.cli.conftest import TINY, Command
from tests.cli.projects import make_project

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs: calm and storm in their folders, storm and a shorter one in the store."""
    from supplychain.cli.main import run_and_flush

    project = make_project(tmp_path_factory.mktemp("made"))
    shutil.copytree(TINY, project / "data")
    (project / "supplychain.toml").write_text('data = "data"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        for words in (["calm"], ["storm", "--weeks", "16"], ["storm"]):
            assert run_and_flush(["run", *words, "-q"]) == 0
            keep(read_run(project / "reports" / "out" / words[0]), project / "reports" / "out")
    shutil.rmtree(project / "reports" / "out" / "store" / key_of(project, "calm"))
    out = project / "reports" / "out"
    stamp(out / "calm", 0)
    stamp(out / "store" / short(out), 1)
    stamp(out / "storm", 2)
    stamp(out / "store" / key_of(project, "storm"), 2)
    return project


def key_of(project: Path, scenario: str) -> str:
    record = json.loads((project / "reports" / "out" / scenario / "run.json").read_text())
    return str(record["id"])


def stamp(folder: Path, day: int) -> None:
    """Date a run: day 0 is the first of November 2026."""
    file = folder / "run.json"
    written = f"2026-11-{day + 1:02}T05:00:00+00:00"
    file.write_text(json.dumps({**json.loads(file.read_text()), "written": written}))


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    """A copy of the project, in the test's own folder."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    out = tmp_path / "reports" / "out"
    for file in (*out.glob("*/run.json"), *out.glob("store/*/run.json")):
        file.write_text(file.read_text().replace(str(made), str(tmp_path)))
    return out


def ids(command: Command, *words: str) -> list[str]:
    return [run["id"] for run in command("runs", "list", "--json", *words).json["data"]["runs"]]


def short(out: Path) -> str:
    """The id of the shorter storm, which is in the store alone."""
    known = {key_of(out.parent.parent, name) for name in ("calm", "storm")}
    (found,) = (p.name for p in (out / "store").iterdir() if p.is_dir() and p.name not in known)
    return found


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
    monkeypatch.setattr("supplychain.cli.table.terminal_width", lambda: 80)
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
    assert "reports/out/calm: run.json is not whole" in said.err
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
    assert "All 21 tables are the same" in said.out


def test_runs_of_the_store_are_compared_under_names_of_their_own(
    command: Command, out: Path
) -> None:
    key, other = key_of(out.parent.parent, "storm"), short(out)
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
    assert len(data["tables"]) == 21
    assert data["tolerance"] == 1e-6
    assert (data["data"]["changed"], data["versions"]) == (False, {})
    text = command("runs", "reproduce", short(out)).out
    assert "The data are the same." in text
    assert "All 21 tables are the same to 1e-06" in text


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


def report(out: Path, name: str, *runs: str) -> None:
    """The newest report of a definition, as far as it concerns runs."""
    folder = out / name / "latest"
    folder.mkdir(parents=True)
    shown = [{"scenario": "storm", "id": run} for run in runs]
    (folder / "report.json").write_text(json.dumps({"definition": name, "runs": shown}))


def test_prune_wants_a_rule(command: Command, out: Path) -> None:
    assert out.is_dir()
    assert command("runs", "prune").code == 2


def test_prune_by_number_and_dry_run(command: Command, out: Path) -> None:
    before = ids(command)
    dry = command("runs", "prune", "--keep", "1", "--dry-run", "--json").json["data"]
    assert ids(command) == before
    said = command("runs", "prune", "--keep", "1", "--json").json["data"]
    assert [entry["folder"] for entry in said["gone"]] == [e["folder"] for e in dry["gone"]]
    assert {entry["scenario"] for entry in said["gone"]} == {"storm"}
    assert dry["freed"] == said["freed"] == sum(entry["size"] for entry in said["gone"]) > 0
    assert [entry["id"] for entry in said["gone"]] == [i for i in before if i not in ids(command)]
    assert not any(Path(entry["folder"]).exists() for entry in said["gone"])
    assert not list(out.glob("**/*.part"))


def test_prune_by_age(command: Command, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supplychain.cli.pruning.time.time", lambda: NOW)
    assert command("runs", "prune", "--older-than", "10").code == 0
    assert len(ids(command)) == 2
    said = command("runs", "prune", "--older-than", "9", "--keep", "2", "--json").json["data"]
    assert said["gone"] == []
    said = command("runs", "prune", "--older-than", "7.9", "--json").json["data"]
    assert [entry["scenario"] for entry in said["gone"]] == ["storm"] * 3
    assert ids(command) == []
    assert out.is_dir()


NOW = 1794373260.0
"""Ten days and a little after the first of November 2026, 05:00 UTC."""


def test_prune_never_takes_what_a_report_shows(command: Command, out: Path) -> None:
    key = short(out)
    report(out, "weekly", key)
    said = command("runs", "prune", "--keep", "0", "--json").json["data"]
    assert ids(command) == [key]
    (spared,) = said["spared"]
    assert (spared["id"], spared["report"]) == (key, "weekly")
    again = command("runs", "prune", "--keep", "0")
    assert "Kept, because the newest report" in again.out
    assert f"{key} (weekly)" in again.out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"runs": [{}]}'])
def test_prune_takes_nothing_where_it_cannot_know(command: Command, out: Path, text: str) -> None:
    report(out, "weekly")
    (out / "weekly" / "latest" / "report.json").write_text(text)
    said = command("runs", "prune", "--keep", "0")
    assert said.code == 3
    assert "RUN-105" in said.err
    assert "Nothing was taken away." in said.err
    assert len(ids(command)) == 3


def test_prune_waits_for_no_report(command: Command, out: Path) -> None:
    report(out, "weekly")
    with FileLock(out / "weekly" / ".making.lock"):
        said = command("runs", "prune", "--keep", "0")
    assert said.code == 75
    assert "weekly is being made" in said.err
    assert command("runs", "prune", "--keep", "0").code == 0


def test_prune_damaged(command: Command, out: Path) -> None:
    (out / "calm" / "run.json").write_text("{")
    (out / "storm" / "tables" / "flows.parquet").unlink()
    assert command("runs", "prune", "--keep", "0", "-n", "--json").json["data"]["gone"]
    said = command("runs", "prune", "--damaged", "--json").json["data"]
    assert {entry["folder"] for entry in said["gone"]} == {"reports/out/calm", "reports/out/storm"}
    assert len(ids(command)) == 2


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


def old_data(out: Path, *names: str) -> list[Path]:
    """Kept copies of data, two hours old."""
    made = [out / "store" / "data" / name for name in names]
    for folder in made:
        folder.mkdir(parents=True)
        (folder / "arcs.csv").write_text("x" * 100)
        os.utime(folder, (NOW - 7200, NOW - 7200))
    return made


def test_prune_takes_kept_data_that_nothing_refers_to(
    command: Command, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supplychain.cli.pruning.time.time", lambda: NOW)
    hashes = {run["data"] for run in command("runs", "list", "--json").json["data"]["runs"]}
    (used,) = (name[:16] for name in hashes)
    reported = "1" * 64
    idle, _, shown = old_data(out, "0" * 16, used, reported[:16])
    (out / "weekly" / "2026-11-02").mkdir(parents=True)
    report_file = out / "weekly" / "2026-11-02" / "report.json"
    report_file.write_text(json.dumps({"data": {"hash": reported}}))
    said = command("runs", "prune", "--keep", "5", "--json").json["data"]
    assert said["data"] == [idle.relative_to(out.parent.parent).as_posix()]
    assert said["freed"] == 100
    assert (idle.exists(), shown.exists()) == (False, True)
    said = command("runs", "prune", "--keep", "0", "--json").json["data"]
    assert [Path(folder).name for folder in said["data"]] == [used]
    report_file.write_text("{")
    assert command("runs", "prune", "--keep", "0", "--json").json["data"]["data"] == []


def test_a_killed_prune_leaves_whole_runs(out: Path) -> None:
    """Killed at ten moments; each run is there whole, or gone from the list."""
    project = out.parent.parent
    code = "from supplychain.cli import main; main()"
    words = [sys.executable, "-c", code, "runs", "prune", "--keep", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    spare = project / "spare"
    shutil.copytree(out, spare)
    for moment in range(10):
        process = subprocess.Popen(words, cwd=project, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(0.12 + 0.04 * moment)
        process.kill()
        process.wait()
        found = open_catalogue(out)
        assert [entry.problem for entry in found.entries] == [""] * len(found.entries)
        assert found.notes == ()
        shutil.rmtree(out)
        shutil.copytree(spare, out)
    assert subprocess.run(words, cwd=project, env=environment, check=False).returncode == 0
    assert open_catalogue(out).entries == ()
