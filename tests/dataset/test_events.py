"""The last event that the data know, how old it is, and one more of them."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from supplychain.dataset import Tables, read_tables
from supplychain.dataset.add_event import add_rows
from supplychain.dataset.events import as_of, events_since, stale
from supplychain.errors import InvalidInput

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
EVENT = {
    "event": "but-now", "announced": "2026-11-27", "effective": "2026-12-01",
    "actor": "A ministry", "name": "Something new", "effect": "files wait", "source": "a-wire",
}  # fmt: skip
SOURCE = {"source": "a-wire", "title": "A wire", "confidence": "low", "date": "2026"}


@pytest.fixture(scope="module")
def tiny() -> Tables:
    return read_tables(TINY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "data"))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_last_event_is_the_one_announced_last(tiny: Tables) -> None:
    known = as_of(tiny)
    assert known is not None
    assert (known.event, known.date) == ("calm-so-far", date(2026, 9, 21))


@pytest.mark.parametrize(("days", "late"), [(0, False), (42, False), (43, True), (400, True)])
def test_a_start_over_six_weeks_after_it_is_warned_of(tiny: Tables, days: int, late: bool) -> None:
    said = stale(tiny, date(2026, 9, 21) + timedelta(days=days))
    assert bool(said) == late
    if late:
        assert f"21 September 2026, {days // 7} weeks before" in said[0]


def test_events_are_listed_by_day_with_the_least_confidence_of_their_sources() -> None:
    real = read_tables()
    rows = events_since(real, date(2026, 9, 1))
    days = [row["announced"] for row in rows]
    assert days == sorted(days)
    by_name = {row["event"]: row for row in rows}
    assert by_name["us-cn-2026-extension"]["confidence"] == "medium"
    assert by_name["cn-2026-no-notice"]["confidence"] == "low"
    assert "cn-2025-no18" not in by_name
    assert by_name["us-2027-dfars"]["effective"] == date(2027, 1, 1)


def test_the_extension_and_its_legal_end_are_on_record() -> None:
    rows = {row["event"]: row for row in read_tables().records("events")}
    extended = rows["us-cn-2026-extension"]
    assert (extended["announced"], extended["until"]) == (date(2026, 9, 24), date(2027, 1, 10))
    assert rows["expiry-cn-70"]["effective"] == date(2026, 11, 10)
    assert rows["expiry-cn-72"]["effective"] == date(2026, 11, 27)


def test_an_event_and_its_source_are_two_rows_and_nothing_else(folder: Path) -> None:
    before = bytes_of(folder)
    rows = add_rows(folder, EVENT, SOURCE)
    assert list(rows) == ["sources.csv", "events.csv"]
    after = bytes_of(folder)
    assert {name for name in after if after[name] != before.get(name)} == set(rows)
    for name, row in rows.items():
        lines = after[name].decode().splitlines()
        lines.remove(row)
        assert "\n".join(lines) + "\n" == before[name].decode()
    known = as_of(read_tables(folder))
    assert known is not None
    assert known.event == "but-now"


def test_events_stand_in_the_order_of_their_keys(folder: Path) -> None:
    add_rows(folder, EVENT, SOURCE)
    keys = [row["event"] for row in read_tables(folder).records("events")]
    assert keys == ["announcement-18", "but-now", "calm-so-far"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"effective": "2026-11-01"}, "DATA-442"),
        ({"announced": "27.11.2026"}, "DATA-208"),
        ({"event": "calm-so-far"}, "DATA-111"),
        ({"actor": ""}, "DATA-201"),
        ({"source": "nobody"}, "DATA-311"),
    ],
)
def test_a_faulty_event_changes_no_byte(folder: Path, changed: dict[str, str], code: str) -> None:
    before = bytes_of(folder)
    with pytest.raises(InvalidInput) as raised:
        add_rows(folder, {**EVENT, **changed}, SOURCE)
    assert code in {found.code for found in raised.value.problems}, raised.value.problems
    assert {found.file.rsplit("/", 1)[0] for found in raised.value.problems} == {str(folder)}
    assert bytes_of(folder) == before


def test_a_dry_run_changes_no_byte(folder: Path) -> None:
    before = bytes_of(folder)
    assert add_rows(folder, EVENT, SOURCE, write=False)
    assert bytes_of(folder) == before
