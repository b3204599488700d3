"""The house: imports point one way, each module is found by its name, errors are caught by name.

`python tests/test_layers.py` prints what the tests count.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "supplychain").rglob("*.py"))
LONGEST = 450
"""Lines of the longest file."""
SHORT = 100
"""A module with fewer lines that one sibling alone imports belongs into that sibling, unless:"""
LOOKED_FOR_BY_NAME = {
    "supplychain.cli.measures_command": "a command of its own",
    "supplychain.exchange.company_sheet": "workbooks are known to exchange alone",
    "supplychain.scenario.history": "the past of a scenario",
}
"""Modules that are short and used by one other, and what a newcomer looks for in them."""


def name_of(file: Path) -> str:
    """The dotted name of a module."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in FILES}
LENGTHS = {name: len(file.read_text().splitlines()) for name, file in MODULES.items()}


def imported(tree: ast.AST, *, everywhere: bool) -> set[str]:
    """The modules of the package that a tree imports.

    Those inside functions and for type checking alone count only with `everywhere`.
    """
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            wholes = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {whole if whole in MODULES else node.module for whole in wholes}
        typing = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if everywhere or not (typing or isinstance(node, ast.FunctionDef)):
            found |= imported(node, everywhere=everywhere)
    return found & MODULES.keys()


def imports(*, everywhere: bool) -> dict[str, set[str]]:
    """What each module imports of the package."""
    return {
        name: imported(ast.parse(file.read_text()), everywhere=everywhere)
        for name, file in MODULES.items()
    }


def circle() -> list[str]:
    """Modules that import each other in a circle when they are loaded; none is as it should be."""
    try:
        TopologicalSorter(imports(everywhere=False)).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def repeated() -> list[str]:
    """File names that are there more than once; every package has its `__init__`."""
    counts = Counter(file.name for file in FILES if file.name != "__init__.py")
    return sorted(name for name, count in counts.items() if count > 1)


def summary() -> str:
    """What the house looks like, in one line each."""
    longest = max(LENGTHS, key=lambda name: LENGTHS[name])
    count = sum(file.name != "__init__.py" for file in FILES)
    return (
        f"modules: {count} and {len(FILES) - count} __init__\n"
        f"repeated names: {', '.join(repeated()) or 'none'}\n"
        f"circles: {' -> '.join(circle()) or 'none'}\n"
        f"longest file: {longest}, {LENGTHS[longest]} lines\n"
    )


def lint_imports(*words: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache", *words],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_point_one_way() -> None:
    ended = lint_imports()
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_a_room_that_looks_to_its_right_is_found(tmp_path: Path) -> None:
    """The contract bites: one import of the command line in `units` breaks it."""
    for file in [*FILES, ROOT / "pyproject.toml"]:
        copy = tmp_path / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    with (tmp_path / "supplychain" / "units.py").open("a") as file:
        file.write("\n\ndef _() -> None:\n    import supplychain.report.text.terminal_table\n")
    ended = lint_imports(root=tmp_path)
    assert ended.returncode == 1
    assert "supplychain.units -> supplychain.report.text.terminal_table" in ended.stdout


def test_every_room_has_its_place() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    by_id = {contract["id"]: contract for contract in contracts["contracts"]}
    layers = {name.strip("() ") for layer in by_id["rooms"]["layers"] for name in layer.split("|")}
    rooms = {name for name in MODULES if name.count(".") == 1}
    assert rooms <= layers
    for library, own in {
        "programme": {"model", "solve"},
        "pictures": {"report"},
        "words": {"cli"},
        "workbooks": {"exchange"},
    }.items():
        barred = set(by_id[library]["source_modules"])
        assert barred == rooms - {f"supplychain.{room}" for room in own} - {"supplychain.__main__"}


def test_files_stay_small() -> None:
    assert {name: lines for name, lines in LENGTHS.items() if lines > LONGEST} == {}


def test_every_file_name_is_there_once() -> None:
    assert repeated() == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circle() == []


def test_no_fragment_serves_one_sibling_alone() -> None:
    users: Counter[str] = Counter()
    for found in imports(everywhere=True).values():
        users.update(found)
    fragments = {
        name
        for name, file in MODULES.items()
        if LENGTHS[name] < SHORT and users[name] == 1 and file.name != "__init__.py"
    }
    assert fragments == LOOKED_FOR_BY_NAME.keys()


def test_the_summary_counts() -> None:
    assert "repeated names: none\ncircles: none\n" in summary()


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_errors_are_caught_by_name(file: Path) -> None:
    """What catches everything must raise it again."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            again = any(isinstance(n, ast.Raise) and n.exc is None for n in ast.walk(node))
            assert again or caught not in {"everything", "Exception", "BaseException"}, node.lineno


if __name__ == "__main__":
    sys.stdout.write(summary())
