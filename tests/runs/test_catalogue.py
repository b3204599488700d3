"""The catalogue: what it lists, and that the folders stay the truth whatever happens to it."""

from __future__ import annotations

import json
import random
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from supplychain.runs import catalogue as module
from supplychain.runs.catalogue import FILE, open_catalogue
from supplychain.runs.run_cache import keep
from supplychain.runs.run_store import write_run
from tests.runs.whole_runs import whole_run as made


def stamp(folder: Path, written: str) -> None:
    """Say in a record when it was written."""
    file = folder / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "written": written}))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Three runs: one in its scenario's folder and in the store, two in the store alone."""
    write_run(made("storm", "aaaa1111"), tmp_path / "storm")
    for day, run in enumerate([("storm", "aaaa1111"), ("storm", "bbbb2222"), ("calm", "cccc3333")]):
        stamp(keep(made(*run), tmp_path), f"2026-11-2{day + 1}T05:00:00+00:00")
    stamp(tmp_path / "storm", "2026-11-20T05:00:00+00:00")
    return tmp_path


def ids(out: Path) -> list[str]:
    return [entry.id for entry in open_catalogue(out).runs]


ALL = ["cccc3333", "bbbb2222", "aaaa1111"]


def test_each_run_is_listed_once_the_newest_first(out: Path) -> None:
    found = open_catalogue(out)
    assert [e.id for e in found.runs] == ALL
    assert len(found.entries) == 4
    assert found.runs[-1].folder == out / "storm"
    assert found.folders("aaaa1111") == (out / "store" / "aaaa1111", out / "storm")
    newest = found.runs[0]
    assert newest.as_json() == {
        "folder": (out / "store" / "cccc3333").as_posix(), "id": "cccc3333", "scenario": "calm",
        "title": "The calm", "written": "2026-11-23T05:00:00Z", "start": "2026-09-28", "weeks": 20,
        "foresight": "rolling", "allocation": "value", "data": "d" * 64, "version": "0.1.0",
        "lost_value_usd": 2.5e9, "size": newest.size, "problem": None,
    }  # fmt: skip
    assert newest.size == sum(f.stat().st_size for f in newest.folder.rglob("*") if f.is_file())


def test_what_is_begun_or_hidden_is_no_run(out: Path) -> None:
    write_run(made("half", "dddd4444"), out / ".half.1234.part")
    write_run(made("half", "dddd4444"), out / "store" / ".half.1234.part")
    assert ids(out) == ALL


def test_a_folder_is_read_again_only_where_it_changed(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_catalogue(out)
    read: list[str] = []
    real = module.read_entry
    monkeypatch.setattr(module, "read_entry", lambda f: read.append(f.name) or real(f))
    assert ids(out) == ALL
    assert read == []
    keep(made("calm", "eeee5555"), out)
    (out / "store" / "bbbb2222" / "tables" / "flows.parquet").write_bytes(b"other")
    assert len(ids(out)) == 4
    assert sorted(read) == ["bbbb2222", "eeee5555"]
    open_catalogue(out, afresh=True)
    assert len(read) == 2 + 5


def test_a_run_that_is_gone_is_gone(out: Path) -> None:
    open_catalogue(out)
    (out / "store" / "cccc3333" / "run.json").unlink()
    assert ids(out) == ALL[1:]
    with sqlite3.connect(out / FILE) as connection:
        (count,) = connection.execute("SELECT count(*) FROM runs").fetchone()
    assert count == 3


@pytest.mark.parametrize(
    "text",
    [
        '{"weeks": 1e999}', '{"a": NaN}', '{"a": ' + "9" * 31 + "}", '{"a": ' + "9" * 5000 + "}",
        "[" * 100_000, '{"a": ' + "[" * 50 + "]" * 50 + "}", '{"id": "\\ud800"}',
        "", "{", "[]", "{}", '{"id": "x"}', "\xff", '{"scenario": 1}',
    ],
)  # fmt: skip
def test_a_damaged_record_hides_no_other(out: Path, text: str) -> None:
    (out / "store" / "bbbb2222" / "run.json").write_text(text, encoding="latin-1")
    found = open_catalogue(out)
    assert [e.id for e in found.runs] == ["cccc3333", "aaaa1111"]
    (hurt,) = found.damaged
    assert hurt.folder == out / "store" / "bbbb2222"
    assert "run.json" in hurt.problem


def test_a_damaged_table_is_named_and_the_whole_copy_is_taken(out: Path) -> None:
    (out / "storm" / "tables" / "flows.parquet").write_bytes(b"PAR1")
    (out / "store" / "cccc3333" / "tables" / "flows.parquet").unlink()
    found = open_catalogue(out)
    assert [e.id for e in found.runs] == ALL
    assert {e.folder.name: e.problem for e in found.damaged} == {
        "storm": "tables not as they were written, or gone: flows",
        "cccc3333": "tables not as they were written, or gone: flows",
    }
    assert found.runs[-1].folder == out / "store" / "aaaa1111"


DAMAGES = {
    "other file": lambda file: file.write_bytes(b"this is no catalogue" * 100),
    "cut short": lambda file: file.write_bytes(file.read_bytes()[:5000]),
    "a letter changed": lambda file: file.write_bytes(
        file.read_bytes().replace(b"The calm", b"The balm")
    ),
    "a word that is no text": lambda file: file.write_bytes(
        file.read_bytes().replace(b"CREATE TABLE", b"CREATE T\xffBLE")
    ),
    "other table": lambda file: _execute(file, "ALTER TABLE runs RENAME TO walks"),
    "other columns": lambda file: _execute(file, "ALTER TABLE runs RENAME COLUMN title TO name"),
}


def _execute(file: Path, words: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(words)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_catalogue_is_named_and_made_afresh(out: Path, damage: str) -> None:
    open_catalogue(out)
    DAMAGES[damage](out / FILE)
    found = open_catalogue(out)
    assert [e.id for e in found.runs] == ALL
    (note,) = found.notes
    assert FILE in note
    assert "was damaged" in note
    assert "4 run folders" in note
    again = open_catalogue(out)
    assert again.entries == found.entries
    assert again.notes == ()


@pytest.mark.parametrize("seed", range(60))
def test_whatever_byte_is_wrong_the_folders_are_the_truth(out: Path, seed: int) -> None:
    truth = open_catalogue(out).entries
    dice = random.Random(seed)
    whole = bytearray((out / FILE).read_bytes())
    used = [i for i, byte in enumerate(whole) if byte]
    for place in dice.sample(used, 1 + seed % 3):
        whole[place] ^= dice.randrange(1, 256)
    (out / FILE).write_bytes(whole)
    assert open_catalogue(out).entries == truth
    assert open_catalogue(out).entries == truth


def test_a_catalogue_of_another_version_is_made_afresh(out: Path) -> None:
    open_catalogue(out)
    _execute(out / FILE, "ALTER TABLE runs RENAME COLUMN title TO name")
    _execute(out / FILE, "PRAGMA user_version = 0")
    found = open_catalogue(out)
    assert [e.id for e in found.runs] == ALL
    assert found.notes == ()


def test_an_empty_catalogue_is_filled(out: Path) -> None:
    (out / FILE).touch()
    assert ids(out) == ALL


def test_a_catalogue_that_another_process_holds_is_done_without(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS_TO_WAIT", 0.1)
    open_catalogue(out)
    keep(made("calm", "eeee5555"), out)
    with sqlite3.connect(out / FILE) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert len(ids(out)) == 4
    assert len(ids(out)) == 4


def test_nothing_is_written_where_nothing_can_be(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened as on a disk that can only be read: without a catalogue, then with an old one."""
    connect = sqlite3.connect

    def read_only(file: Path, timeout: float) -> sqlite3.Connection:
        if file.name != FILE:
            return connect(file, timeout)
        return connect(f"{file.as_uri()}?mode=ro", timeout, uri=True)

    with monkeypatch.context() as patch:
        patch.setattr(module.sqlite3, "connect", read_only)
        assert ids(out) == ALL
        assert not (out / FILE).exists()
    open_catalogue(out)
    keep(made("calm", "eeee5555"), out)
    before = (out / FILE).read_bytes()
    monkeypatch.setattr(module.sqlite3, "connect", read_only)
    found = open_catalogue(out)
    assert len(found.runs) == 4
    assert found.notes == ()
    assert (out / FILE).read_bytes() == before


def test_a_full_disk_is_no_reason_to_stop(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite is told to stop growing, which it says in the words of a full disk."""
    connect = sqlite3.connect
    open_catalogue(out)
    for i in range(60):
        keep(made("calm", f"ffff{i:04}"), out)

    def full(file: Path, timeout: float) -> sqlite3.Connection:
        connection = connect(file, timeout)
        if file.name == FILE:
            connection.execute("PRAGMA max_page_count = 1")  # never below what it has
        return connection

    monkeypatch.setattr(module.sqlite3, "connect", full)
    found = open_catalogue(out)
    assert len(found.runs) == 63
    assert found.notes == ()


def test_a_folder_without_permission(out: Path) -> None:
    assert ids(out) == ALL
    mode = stat.S_IMODE(out.stat().st_mode)
    out.chmod(0o500)
    try:
        assert ids(out) == ALL
    finally:
        out.chmod(mode)


def test_many_look_at_once(out: Path) -> None:
    """Threads that find no catalogue, or a damaged one, all see all runs and leave a whole one."""
    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            assert all(found == ALL for found in pool.map(ids, [out] * 8))
            (out / FILE).write_bytes(b"this is no catalogue" * 100)
    assert ids(out) == ALL
    _execute(out / FILE, "PRAGMA integrity_check")


def test_no_folder_no_runs(tmp_path: Path) -> None:
    assert open_catalogue(tmp_path / "nowhere").entries == ()
    assert not (tmp_path / "nowhere").exists()


def test_it_is_open_to_others(out: Path) -> None:
    open_catalogue(out)
    with sqlite3.connect(out / FILE) as connection:
        rows = connection.execute("SELECT id, lost_value_usd FROM runs WHERE scenario = 'calm'")
        assert rows.fetchall() == [("cccc3333", 2.5e9)]
