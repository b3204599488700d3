"""Tables fit the terminal; numbers read well."""

from __future__ import annotations

import pytest

from supplychain.cli.table import bold, signed, table


def test_text_is_cut_to_the_width_and_numbers_are_not() -> None:
    rows = [["a name that is far too long", "1,234,567"], ["short", "8"]]
    lines = table(["name", "tonnes"], rows, "<>", width=30).splitlines()
    assert lines == [
        "name                    tonnes",
        "-------------------  ---------",
        "a name that is f...  1,234,567",
        "short                        8",
    ]


def test_a_wide_column_of_numbers_stays() -> None:
    lines = table(["name", "t"], [["abcdefghijkl", "123,456,789,012"]], "<>", width=25).splitlines()
    assert lines[2] == "abcde...  123,456,789,012"


def test_a_table_never_gets_narrower_than_can_be_read() -> None:
    lines = table(["name", "t"], [["abcdefghijkl", "123,456"]], "<>", width=5).splitlines()
    assert lines[2] == "abcde...  123,456"


def test_a_table_without_rows_is_its_head() -> None:
    assert table(["a", "b"], []) == "a  b\n-  -"


def test_output_is_cut_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    assert table(["a"], [["x" * 500]]).endswith("x" * 500)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert table(["a"], [["x" * 500]]).endswith("\n" + "x" * 27 + "...")


def test_output_elsewhere_than_a_terminal_is_not_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert bold("a") == "a"


def test_no_color_is_heeded_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert bold("a") == "\x1b[1ma\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert bold("a") == "a"


def test_signs() -> None:
    assert [signed(t) for t in ("0.04", "<0.1 %", "-2")] == ["+0.04", "<0.1 %", "-2"]
