"""Tables fit the terminal; numbers read well."""

from __future__ import annotations

import pytest

from supplychain.report.text.terminal_table import bold, signed, spoken, table


def test_text_goes_on_in_the_next_line_and_numbers_stay_whole() -> None:
    rows = [["a name that is far too long", "1,234,567", "2027-01-11"], ["short", "8", "-"]]
    assert table(["name", "lost tonnes", "from"], rows, "<>", width=34).splitlines() == [
        "name              lost  from",
        "                tonnes",
        "----------  ----------  ----------",
        "a name       1,234,567  2027-01-11",
        "that is",
        "far too",
        "long",
        "short                8  -",
    ]


def test_a_wide_column_of_numbers_stays() -> None:
    lines = table(["name", "t"], [["abc def ghi", "123,456,789,012"]], "<>", width=22).splitlines()
    assert lines[2:] == ["abc    123,456,789,012", "def", "ghi"]


def test_a_word_is_never_cut_though_the_table_gets_too_wide() -> None:
    lines = table(["name", "t"], [["semiconductor", "123,456"]], "<>", width=5).splitlines()
    assert lines[2] == "semiconductor  123,456"


def test_a_table_without_rows_is_its_head() -> None:
    assert table(["a", "b"], []) == "a  b\n-  -"


def test_output_is_folded_on_a_terminal_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    assert table(["a"], [["x" * 500]]).endswith("x" * 500)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert table(["a"], [["x" * 500]]).split("\n")[2:4] == ["x" * 30] * 2


def test_output_elsewhere_than_a_terminal_is_not_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert bold("a") == "a"


def test_no_color_is_heeded_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert spoken(bold("a")) == "\x1b[1ma\x1b[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert bold("a") == "a"


def test_what_looks_like_markup_is_printed_as_it_is() -> None:
    assert table(["name"], [["[red]a[/red] :warning: \\[b]"]]).endswith(
        "\n[red]a[/red] :warning: \\[b]"
    )


def test_signs() -> None:
    assert [signed(t) for t in ("0.04", "<0.1 %", "-2")] == ["+0.04", "<0.1 %", "-2"]
