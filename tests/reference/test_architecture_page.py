"""docs/architecture.md and its picture say what the imports say."""

from __future__ import annotations

import ast
from pathlib import Path
from xml.etree import ElementTree

import pytest

from supplychain.reference.architecture import (
    DOORS,
    GROUND,
    Door,
    levels,
    needed_lines,
    package_modules,
    picture,
    refreshed_architecture,
    room_imports,
    signature,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_page_and_picture_are_up_to_date() -> None:
    """Mend with `python -m supplychain.reference.architecture docs`."""
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert page == refreshed_architecture(page)
    assert (DOCS / "images" / "architecture.svg").read_bytes() == picture().encode()


def test_the_picture_shows_every_room_and_every_object() -> None:
    drawn = "".join(ElementTree.fromstring(picture()).itertext())
    assert [r for r in room_imports(package_modules()) if r not in drawn] == []
    assert [door.object for door in DOORS if door.object not in drawn] == []


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.object)
def test_a_door_is_a_function_that_gives_the_object_and_one_that_takes_it(door: Door) -> None:
    modules = package_modules()
    assert signature(modules, door.maker)[1] == door.object
    assert door.object in signature(modules, door.taker)[0]


def test_a_new_import_moves_the_rooms() -> None:
    """A room that imports a higher one rises above it; a circle has no picture."""
    modules = {
        "a": ast.parse(""), "a.x": ast.parse("def f():\n    from supplychain.b.y import g"),
        "b": ast.parse(""), "b.y": ast.parse("import supplychain.errors"),
        "errors": ast.parse(""),
    }  # fmt: skip
    imports = room_imports(modules)
    assert levels(imports) == {GROUND: 0, "b": 1, "a": 2}
    assert needed_lines(imports) == [("a", "b"), ("b", GROUND)]
    with pytest.raises(ValueError, match="a, b"):
        levels({"a": {"b"}, "b": {"a"}})
