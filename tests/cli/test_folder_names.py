"""Folders whose names mean something to a library: every command reads and writes what is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pandas import DataFrame

from supplychain.errors import InvalidInput
from supplychain.files import inside
from supplychain.runs.run_store import read_tables_in, write_run, write_tables
from tests.cli.conftest import TINY, Command
from tests.cli.reports import make_reports
from tests.ensemble.definitions import write as write_ensemble
from tests.ensemble.setups import TEXT
from tests.runs.whole_runs import whole_run

ODD = "o[1]*? {a,b}'s #%41 ~k=v"
DECOYS = ("o1", "o[12]", "o1x {a,b}'s #%41 ~k=v", "o1xy a's #%41 ~k=v", "o[1]xyz {a,b}'s #A ~k=v")

NAMES = ("a[1]", "[!b]", "*", "a?", "a'b", 'a"b', " a ", "a#b", "%41", "k=v", "~", "{a,b}", "$HOME",
         "a\\b", "-a", "a;b", "é")  # fmt: skip


def test_tables_are_those_of_the_folder(tmp_path: Path) -> None:
    """Beside folders that the names would match as patterns."""
    for place, decoy in enumerate(["a", "a1", "A", "b"]):
        write_tables({"flows": DataFrame({"tonnes": [float(place)]})}, tmp_path / decoy)
    for name in NAMES:
        write_tables({"flows": DataFrame({"tonnes": [77.0]})}, tmp_path / name)
        table = read_tables_in(tmp_path / name)["flows"]
        assert table.to_dict("list") == {"tonnes": [77.0]}, name


@pytest.mark.parametrize("name", ["a\\[1]", "\\*"])
def test_what_no_library_can_be_told_is_refused_at_once(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        inside(tmp_path / name, "storm")
    assert "a backslash beside one of [ * ?" in caught.value.problems[0].message


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in an odd folder, with odd data, results beside folders that its name matches."""
    folder = tmp_path / ODD
    folder.mkdir()
    make_reports(folder)
    write_ensemble(folder, TEXT)
    shutil.copytree(TINY, folder / ODD)
    (folder / "supplychain.toml").write_text(f"data = '''{ODD}'''\nout = '''{ODD}-out'''\n")
    for place, decoy in enumerate(DECOYS):
        for name in (decoy, f"{decoy}-out"):
            run = whole_run("storm", f"dddd{place}", 1.0)
            write_run(run, folder / name / "storm")
    monkeypatch.chdir(folder)
    return folder


def test_every_command_in_an_odd_folder(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    before = {d: sorted(p.name for p in (project / d).rglob("*")) for d in DECOYS}
    out = project / f"{ODD}-out"
    said = command("run", "storm", "--weeks", "6", "--no-band", "--json")
    assert said.code == 0, said.err
    key = said.json["data"]["runs"][0]["id"]
    assert command("runs", "diff", "latest:storm", str(out / "storm")).out.startswith("They have")
    for words in COMMANDS:
        said = command(*words)
        assert said.code == 0, (words, said.err)
    assert command("runs", "show", str(out / "storm"), "--json").json["data"]["id"] == key
    weeks = (out / "storm" / "csv" / "shortfall.csv").read_text().splitlines()[1:]
    assert len({line.split(",")[4] for line in weeks}) == 6
    assert before == {d: sorted(p.name for p in (project / d).rglob("*")) for d in DECOYS}
    assert json.loads((out / "odds" / "ensemble.json").read_text())["counts"]["solved"] == 2


COMMANDS = (
    ("compare", "calm", "latest:storm", "--weeks", "6"),
    ("export", "latest:storm", "--to", "csv,xlsx,iamc"),
    ("runs", "list"),
    ("runs", "reindex"),
    ("runs", "reproduce", "latest:storm"),
    ("report", "tiny"),
    ("report", "--check", "tiny"),
    ("scenario", "check", "storm"),
    ("data", "check"),
    ("data", "export", "--to", "xlsx", "-o", f"{ODD}.xlsx"),
    ("data", "import", f"{ODD}.xlsx", "-o", f"{ODD}-overlay"),
    ("ensemble", "odds", "--members", "2", "--pairs", "0", "--weeks", "6"),
    ("runs", "prune", "--keep", "5", "--damaged"),
)
