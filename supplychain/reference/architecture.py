"""The picture and the tables of docs/architecture.md, made from the source of the package.

`python -m supplychain.reference.architecture docs` writes the page's tables and its picture anew.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

import supplychain
from supplychain.reference.reference_pages import markdown_table, put_between

BEGIN = "<!-- written from the imports: {name} begin -->"
END = "<!-- written from the imports: {name} end -->"
PAGE, PICTURE = "architecture.md", "images/architecture.svg"

GROUND = "ground"
"""The files that stand in no room."""


@dataclass(frozen=True)
class Door:
    """One object that passes between two rooms: the function that makes it, one that takes it."""

    object: str
    maker: str
    taker: str
    says: str

    @property
    def rooms(self) -> tuple[str, str]:
        """From which room to which."""
        return self.maker.split(".")[0], self.taker.split(".")[0]


DOORS = (
    Door(
        "Tables",
        "dataset.tables.read_tables",
        "network.build_network.build_network",
        "checked rows of the data folder",
    ),
    Door(
        "Network",
        "network.build_network.build_network",
        "case.case.build_case",
        "what there is, before any date",
    ),
    Door(
        "Scenario",
        "scenario.load_scenario.load_scenario",
        "case.case.build_case",
        "dated controls, regimes and changes",
    ),
    Door(
        "Case",
        "case.case.build_case",
        "solve.rolling_horizon.solve",
        "the numbers of one world, week by week",
    ),
    Door(
        "Window",
        "model.window.make_window",
        "solve.highs.solve",
        "the numbers of one linear programme",
    ),
    Door(
        "Solution",
        "solve.rolling_horizon.solve",
        "results.run_record.make_run",
        "what was decided in every week",
    ),
    Door(
        "Run",
        "results.run_record.make_run",
        "report.save_results.save_run",
        "record and tables, with units and sources",
    ),
)


@cache
def package_modules() -> Mapping[str, ast.Module]:
    """Every module of the package, without its first name, as a tree."""
    root = Path(supplychain.__file__).parent
    found = {}
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name and name != "__main__":
            found[name] = ast.parse(file.read_text(encoding="utf-8"))
    return found


def room_of(module: str, modules: Mapping[str, ast.Module]) -> str:
    """The room of a module: its folder, or the ground.

    >>> room_of("case.case", {"case": ast.parse(""), "case.case": ast.parse("")})
    'case'
    """
    first = module.split(".")[0]
    return first if any(name.startswith(f"{first}.") for name in modules) else GROUND


def room_imports(modules: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """The rooms that each room imports, those inside functions and for types alone included."""
    found: dict[str, set[str]] = {room_of(name, modules): set() for name in modules}
    for name, tree in modules.items():
        room = room_of(name, modules)
        for node in ast.walk(tree):
            found[room] |= {room_of(target, modules) for target in _targets(node)} - {room}
    return found


def _targets(node: ast.AST) -> list[str]:
    """The modules of the package that a statement imports, without the package's own name."""
    whole = f"{supplychain.__name__}."
    if isinstance(node, ast.Import):
        return [a.name.removeprefix(whole) for a in node.names if a.name.startswith(whole)]
    if not isinstance(node, ast.ImportFrom) or not node.module:
        return []
    if node.module == supplychain.__name__:
        return [alias.name for alias in node.names if not alias.name.startswith("__")]
    return [node.module.removeprefix(whole)] if node.module.startswith(whole) else []


def levels(imports: Mapping[str, set[str]]) -> dict[str, int]:
    """How high each room stands: one above the highest room that it imports.

    >>> levels({"cli": {"model", "ground"}, "model": {"ground"}, "ground": set()})
    {'ground': 0, 'model': 1, 'cli': 2}
    """
    found: dict[str, int] = {}
    rest = dict(imports)
    while rest:
        ready = [room for room, used in rest.items() if used <= found.keys()]
        if not ready:
            raise ValueError(f"Rooms import each other in a circle: {', '.join(sorted(rest))}.")
        for room in sorted(ready):
            found[room] = 1 + max((found[used] for used in rest.pop(room)), default=-1)
    return dict(sorted(found.items(), key=lambda pair: (pair[1], pair[0])))


def needed_lines(imports: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """Pairs of rooms between which a line is drawn: no room that another one brings along.

    >>> needed_lines({"cli": {"model", "ground"}, "model": {"ground"}, "ground": set()})
    [('cli', 'model'), ('model', 'ground')]
    """
    reach: dict[str, set[str]] = {}
    for room in levels(imports):
        reach[room] = imports[room].union(*(reach[used] for used in imports[room]))
    return [
        (room, used)
        for room in sorted(imports)
        for used in sorted(imports[room])
        if not any(used in reach[other] for other in imports[room])
    ]


def sentence(module: ast.Module) -> str:
    """The first line of a docstring."""
    return (ast.get_docstring(module) or "").partition("\n")[0].strip()


def signature(modules: Mapping[str, ast.Module], path: str) -> tuple[set[str], str]:
    """The types that a function takes, and the one that it gives.

    Args:
        modules: what `package_modules` gives.
        path: module and function, as "case.case.build_case".

    Raises:
        LookupError: there is no such function.
    """
    module, _, name = path.rpartition(".")
    for node in ast.walk(modules[module]):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            given = ast.unparse(node.returns) if node.returns else ""
            words = [*node.args.args, *node.args.kwonlyargs]
            return {ast.unparse(a.annotation) for a in words if a.annotation}, given
    raise LookupError(f"There is no function {path}.")


WIDTH, BOX_WIDTH, BOX_HEIGHT, GAP, STEP, EDGE = 860, 172, 44, 28, 84, 20
"""Sizes of the picture in pixels."""
MIDDLE = 2
"""The column of the rooms on the way of the data, counted from the left."""


def picture() -> str:
    """The rooms from the command line down to the ground, and the way of the data, as SVG."""
    modules = package_modules()
    imports = room_imports(modules)
    high = levels(imports)
    places = _places(high)
    height = 2 * EDGE + STEP * max(high.values()) + BOX_HEIGHT + 40
    lines = [_line(places[a], places[b]) for a, b in needed_lines(imports)]
    ways = [_way(places, door) for door in DOORS]
    counts = {room: _count(modules, room) for room in high}
    boxes = [_box(room, places[room], counts[room]) for room in high]
    said = "Rooms of the package, each above those that it imports, and the way of the data"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img" aria-label="{said}" '
            'font-family="sans-serif" font-size="14">',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="5" '
            'markerHeight="5" orient="auto"><path d="M0 0L8 4L0 8z" fill="#d55e00"/></marker>'
            "</defs>",
            *lines,
            *boxes,
            *ways,
            f'<text x="{EDGE}" y="{height - 14}" fill="#444444">Grey: imports what is below, '
            'directly or through it. <tspan fill="#b34700">Orange: the object that passes the '
            "door</tspan>. Numbers: modules.</text>",
            "</svg>",
            "",
        ]
    )


def _count(modules: Mapping[str, ast.Module], room: str) -> int:
    """The modules of a room without any `__init__`."""
    folders = {name.rpartition(".")[0] for name in modules}
    return sum(room_of(name, modules) == room for name in modules.keys() - folders)


def _places(high: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """The upper left corner of each room's box.

    Rooms on the way of the data stand in one column, a second one of a level right of it; all
    others stand left of it, but for those that are alone on their level.
    """
    way = {room for door in DOORS for room in door.rooms}
    found = {}
    for level in set(high.values()):
        row = sorted(room for room in high if high[room] == level)
        y = EDGE + STEP * (max(high.values()) - level)
        middle = [room for room in row if room in way or len(row) == 1]
        aside = [room for room in reversed(row) if room not in middle]
        columns = {room: MIDDLE + i for i, room in enumerate(middle)}
        columns |= {room: MIDDLE - 1 - i for i, room in enumerate(aside)}
        for room, column in columns.items():
            found[room] = (EDGE + column * (BOX_WIDTH + GAP), y)
    return found


def _box(room: str, corner: tuple[int, int], count: int) -> str:
    x, y = corner
    return (
        f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5" fill="#eef3f8" '
        f'stroke="#33506b"/><text x="{x + BOX_WIDTH // 2}" y="{y + 27}" text-anchor="middle" '
        f'fill="#111111">{escape(room)} <tspan fill="#5a6673">{count}</tspan></text>'
    )


def _line(upper: tuple[int, int], lower: tuple[int, int]) -> str:
    """A grey curve from a room down to one that it imports."""
    x, y = upper[0] + BOX_WIDTH // 2, upper[1] + BOX_HEIGHT
    to, end = lower[0] + BOX_WIDTH // 2, lower[1]
    half = (y + end) // 2
    return (
        f'<path d="M{x} {y}C{x} {half} {to} {half} {to} {end}" fill="none" stroke="#9aa7b4" '
        'stroke-width="1.2"/>'
    )


def _way(places: Mapping[str, tuple[int, int]], door: Door) -> str:
    """An arrow from the room that makes an object to the one that takes it, with its name.

    It goes round the rooms that stand between the two.
    """
    start, goal = (places[room] for room in door.rooms)
    hidden = any(x == start[0] and goal[1] < y < start[1] for x, y in places.values())
    x, y = start[0] + BOX_WIDTH // 2, start[1]
    to, end = goal[0] + BOX_WIDTH // 2, goal[1] + BOX_HEIGHT + 1
    if x != to:
        to += BOX_WIDTH // 3
        curve, side = f"M{x} {y}C{x} {end} {to} {y} {to} {end}", x
    elif hidden:
        x += BOX_WIDTH // 2
        y, end = y + BOX_HEIGHT // 2, end - BOX_HEIGHT // 2
        curve, side = f"M{x} {y}C{x + 3 * GAP} {y} {x + 3 * GAP} {end} {x + 1} {end}", x + 2 * GAP
    else:
        curve, side = f"M{x} {y}L{to} {end}", x
    return (
        f'<path d="{curve}" fill="none" stroke="#d55e00" stroke-width="2.5" '
        f'marker-end="url(#tip)"/><text x="{side + 12}" y="{(y + end) // 2 + 5}" fill="#b34700" '
        f'font-weight="bold">{escape(door.object)}</text>'
    )


def page_parts() -> dict[str, str]:
    """The tables of the page by the name in their markers: rooms and doors."""
    modules = package_modules()
    imports = room_imports(modules)
    rooms = [
        [f"`{room}`", str(_count(modules, room)), _says(modules, room), _named(imports[room])]
        for room in reversed(levels(imports))
    ]
    doors = [[f"`{d.object}`", d.says, f"`{d.maker}`", f"`{d.taker}`"] for d in DOORS]
    return {
        "rooms": _table(["room", "modules", "holds", "imports"], rooms),
        "doors": _table(["object", "holds", "made by", "taken by"], doors),
    }


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(markdown_table(head, rows)) + "\n"


def _says(modules: Mapping[str, ast.Module], room: str) -> str:
    if room != GROUND:
        return sentence(modules[room])
    files = [name for name in modules if room_of(name, modules) == GROUND]
    return "Single files: " + ", ".join(f"`{name}`" for name in files) + "."


def _named(rooms: set[str]) -> str:
    return ", ".join(f"`{room}`" for room in sorted(rooms)) or "nothing"


def refreshed_architecture(text: str) -> str:
    """Put today's tables between the markers of the page.

    Raises:
        ValueError: the page lacks a pair of markers.
    """
    for name, table in page_parts().items():
        text = put_between(text, BEGIN.format(name=name), END.format(name=name), table)
    return text


if __name__ == "__main__":
    docs = Path(sys.argv[1])
    page = docs / PAGE
    page.write_text(
        refreshed_architecture(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n"
    )
    (docs / PICTURE).write_text(picture(), encoding="utf-8", newline="\n")
