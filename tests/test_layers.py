"""The house: imports point one way, files stay small, errors are caught by name."""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "supplychain").rglob("*.py"))
LONGEST, TYPICAL = 400, 150


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
    layers = {name.strip("()") for name in contracts["contracts"][0]["layers"]}
    rooms = {f"supplychain.{p.stem}" for p in (ROOT / "supplychain").glob("*.py")}
    rooms |= {
        f"supplychain.{p.parent.name}" for p in FILES if p.parent.parent.name == "supplychain"
    }
    assert rooms - {"supplychain.__init__"} <= layers


def test_files_stay_small() -> None:
    lengths = {file: len(file.read_text().splitlines()) for file in FILES}
    assert {str(f): n for f, n in lengths.items() if n > LONGEST} == {}
    assert statistics.median(lengths.values()) < TYPICAL


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_errors_are_caught_by_name(file: Path) -> None:
    """What catches everything must raise it again."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            again = any(isinstance(n, ast.Raise) and n.exc is None for n in ast.walk(node))
            assert again or caught not in {"everything", "Exception", "BaseException"}, node.lineno
