"""`supplychain data events` and `data add-event` on the tiny world."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from supplychain.cli import event_command
from tests.cli.conftest import TINY, Command

EVENT = (
    "but-now", "--announced", "2026-11-27", "--effective", "2026-12-01", "--actor", "A ministry",
    "--name", "Something new", "--effect", "files wait",
)  # fmt: skip
NEW = ("--source", "a-wire", "--title", "A wire", "--confidence", "low")


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(shutil.copytree(TINY, tmp_path / "data"))


def test_events_since_a_day(command: Command) -> None:
    said = command("data", "events", "--since", "2026-01-01", "--data", str(TINY), "--json")
    assert [row["event"] for row in said.json["data"]["events"]] == ["calm-so-far"]
    assert said.json["data"]["as_of"] == {"event": "calm-so-far", "date": "2026-09-21"}
    said = command("data", "events", "--data", str(TINY))
    assert "Announcement No. 18" in said.out
    assert said.out.endswith("As of 2026-09-21: Nothing new.\n")
    assert command("data", "events", "--since", "soon", "--data", str(TINY)).code == 2


def test_an_event_with_a_new_source_is_written(command: Command, data: str) -> None:
    said = command("data", "add-event", *EVENT, *NEW, "--data", data, "--json")
    assert said.code == 0, said.err
    assert said.json["data"]["written"] is True
    said = command("data", "events", "--since", "2026-11-01", "--data", data, "--json")
    (row,) = said.json["data"]["events"]
    assert (row["event"], row["confidence"]) == ("but-now", "low")


def test_all_that_is_missing_is_named_where_no_terminal_can_be_asked(
    command: Command, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_command, "_answers", lambda: False)
    said = command("data", "add-event", "but-now", "--actor", "A", "--data", data)
    assert said.code == 2
    for name in ("announced", "effective", "name", "effect", "source"):
        assert f"--{name} (" in said.err.replace("\n", " "), name
    said = command("data", "add-event", *EVENT, "--source", "a-wire", "--data", data)
    assert said.code == 2
    assert "--title" in said.err
    assert "--confidence" in said.err


def test_a_terminal_is_asked_for_source_and_confidence(
    command: Command, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(words: str, **_: object) -> str:
        asked.append(words)
        return {0: "a-wire", 1: "A wire", 2: "medium"}[len(asked) - 1]

    monkeypatch.setattr(event_command, "_answers", lambda: True)
    monkeypatch.setattr(event_command.typer, "prompt", answer)
    said = command("data", "add-event", *EVENT, "--data", data)
    assert said.code == 0, said.err
    assert [words.split()[0] for words in asked] == ["key", "author,", "how"]
    assert "2 rows added, no problems." in said.out


def test_what_is_refused_writes_nothing(command: Command, data: str) -> None:
    file = Path(data) / "events.csv"
    before = file.read_bytes()
    for words, code in (
        ((*NEW, "--overlay", data), 3),
        ((*NEW, "--until", "2026-01-01"), 3),
        (("--source", "assumption", "--confidence", "low"), 2),
        (("--source", "a-wire", "--title", "A wire", "--confidence", "sure"), 3),
    ):
        assert command("data", "add-event", *EVENT, *words, "--data", data).code == code, words
        assert file.read_bytes() == before
