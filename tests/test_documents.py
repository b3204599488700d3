from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.documents import parse_yaml, read_yaml
from supplychain.errors import InvalidInput, Problem


def only_problem(text: str) -> Problem:
    with pytest.raises(InvalidInput) as caught:
        parse_yaml(text, "x.yaml")
    (found,) = caught.value.problems
    return found


def test_every_scalar_stays_the_text_it_is() -> None:
    document = parse_yaml("a: NO\nb: 2026-13-10\nc: 012\nd: 1_000\ne: ~\nf:\n", "x.yaml")
    assert document.tree == {
        "a": "NO",
        "b": "2026-13-10",
        "c": "012",
        "d": "1_000",
        "e": "~",
        "f": "",
    }
    assert not document.problems


def test_every_key_and_value_has_its_place() -> None:
    document = parse_yaml("a:\n  - b: 1\n    c: {d: 2}\n", "x.yaml")
    assert document.values["a", 0, "c", "d"] == (3, 12)
    assert document.keys["a", 0, "c"] == (3, 5)
    assert document.place(("a", 0, "nowhere", "deep")) == (2, 5)


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", "SCEN-103", 4, 3),
        ("a: &x [*x]\n", "SCEN-104", 1, 4),
        ("a: &x {b: 1}\nc: *x\n", "SCEN-104", 1, 4),
        ("a: !!python/object:os.system ls\n", "SCEN-104", 1, 4),
        ("a: !money 3\n", "SCEN-104", 1, 4),
        ("a: {b: 1}\n<<: {c: 2}\n", "SCEN-104", 2, 1),
        ("? [a, b]\n: 1\n", "SCEN-104", 1, 3),
    ],
)
def test_what_is_no_plain_tree_is_refused(text: str, code: str, line: int, column: int) -> None:
    (found,) = parse_yaml(text, "x.yaml").problems
    assert (found.code, found.line, found.column) == (code, line, column)


@pytest.mark.parametrize(
    ("text", "code", "line", "hint"),
    [
        ("a: b: c\n", "SCEN-102", 1, "in quotes"),
        ("a: 1\n\tb: 2\n", "SCEN-102", 2, "spaces"),
        ("a: [1, 2\nb: 3\n", "SCEN-102", 2, "brackets"),
        ("a: 1\nb: \x01\n", "SCEN-102", 2, ""),
        ("- 1\n", "SCEN-105", 1, ""),
        ("", "SCEN-105", 1, ""),
        ("a: 1\n---\nb: 2\n", "SCEN-106", 2, ""),
        ("a: *nobody\n", "SCEN-102", 1, ""),
    ],
)
def test_what_is_no_mapping_says_where_it_fails(text: str, code: str, line: int, hint: str) -> None:
    found = only_problem(text)
    assert (found.code, found.line) == (code, line)
    assert hint in found.hint


def test_deep_nesting_does_not_recurse_for_ever() -> None:
    document = parse_yaml("a: " + "[" * 60 + "]" * 60 + "\n", "x.yaml")
    assert [p.code for p in document.problems] == ["SCEN-104"]


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"title: caf\xe9\n")
    for path, word in ((latin, "UTF-8"), (tmp_path / "missing.yaml", "cannot be opened")):
        with pytest.raises(InvalidInput) as caught:
            read_yaml(path)
        (found,) = caught.value.problems
        assert found.code == "SCEN-101"
        assert word in found.message
