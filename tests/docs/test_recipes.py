"""docs/recipes.md: every recipe is done in a copy of the package, as it is written, and works."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.projects import CALM, STORM

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "recipes.md"
TINY = ROOT / "tests" / "worlds" / "tiny"
FENCED = re.compile(r"^( *)```(\w+)(?: (\S+))?\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A block of the page: its language, the file that it is about if any, and its lines."""

    language: str
    file: str
    text: str


def recipes(page: Path = PAGE) -> dict[str, list[Block]]:
    """The blocks under each heading."""
    found = {}
    for part in page.read_text(encoding="utf-8").split("\n## ")[1:]:
        found[part.partition("\n")[0]] = [
            Block(language, file, cut(text, len(indent)))
            for indent, language, file, text in FENCED.findall(part)
        ]
    return found


def cut(text: str, width: int) -> str:
    """Lines without the indentation of the list that they stand in."""
    return "".join(line[width:] or "\n" for line in text.splitlines(keepends=True))


def replaced(text: str, change: str) -> str:
    """A text after a change of lines that begin with a space, a minus or a plus."""
    lines = change.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] != "+")
    new = "".join(line[1:] for line in lines if line[0] != "-")
    assert text.count(old) == 1, f"{text.count(old)} places read as\n{old}"
    return text.replace(old, new)


def done(block: Block, folder: Path) -> None:
    """Do to a file what a block says."""
    path = folder / block.file
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if block.language == "diff":
        after = replaced(before, block.text)
    elif block.language == "python" and before:
        after = f"{before.rstrip()}\n\n\n{block.text}"
    else:
        after = before + block.text
    path.write_text(after, encoding="utf-8")


def run(words: list[str], folder: Path) -> str:
    """What a program says that must end well; the package is the one in the folder."""
    env = {**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1"}
    ended = subprocess.run(
        [sys.executable, *words], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, f"{' '.join(words)}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


def follow(blocks: list[Block], folder: Path) -> None:
    """Follow a recipe to its end."""
    said = ""
    for block in blocks:
        if block.file:
            done(block, folder)
        elif block.language == "sh":
            lines = [shlex.split(line) for line in block.text.splitlines()]
            assert {words[0] for words in lines} == {"supplychain"}
            said = "".join(run(["-m", *words], folder) for words in lines)
        elif block.language == "python":
            run(["-c", block.text], folder)
        else:
            assert block.language == "text"
            assert [line for line in block.text.splitlines() if line not in said] == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the package beside the tiny world and two scenarios."""
    shutil.copytree(
        ROOT / "supplychain", tmp_path / "supplychain", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(TINY, tmp_path / "data")
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "calm.yaml").write_text(CALM)
    (tmp_path / "scenarios" / "storm.yaml").write_text(STORM)
    return tmp_path


KINDS = ["sector", "region", "control", "regime", "constraint", "figure"]


def test_there_is_a_recipe_for_each_kind_of_change() -> None:
    assert list(recipes()) == [f"Add a {kind}" for kind in KINDS]


@pytest.mark.parametrize("kind", KINDS)
def test_the_recipe_works(kind: str, project: Path) -> None:
    follow(recipes()[f"Add a {kind}"], project)


@pytest.mark.parametrize("kind", ["region", "constraint"])
def test_without_its_changes_a_recipe_fails(kind: str, project: Path) -> None:
    """What a recipe shows at its end is no matter of course."""
    blocks = recipes()[f"Add a {kind}"]
    with pytest.raises(AssertionError):
        follow([block for block in blocks if not block.file], project)
