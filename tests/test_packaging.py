"""What ships, what it needs, and that the commands of README and build server are the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.conftest import LONGEST_FIRST

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SHIPPED = ("data", "scenarios", "reports")


def tracked(*folders: str) -> set[str]:
    """The files that git knows and that are there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *folders], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from what git knows: a build picks up every file that is not ignored."""
    clone = tmp_path_factory.mktemp("clone")
    out = tmp_path_factory.mktemp("dist")
    for name in tracked():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_bytes((ROOT / name).read_bytes())
    (clone / "data" / "private.tmp").write_text("a planner's own")
    (clone / "reports" / "out").mkdir()
    (clone / "reports" / "out" / "page.html").write_text("a result")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, clone],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_the_wheel_holds_the_code_and_the_shipped_folders(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = tracked("supplychain")
    expected |= {f"supplychain/_shipped/{name}" for name in tracked(*SHIPPED)}
    assert names == expected
    assert any(name.startswith("supplychain/_shipped/data/") for name in names)
    assert any(name.startswith("supplychain/_shipped/scenarios/") for name in names)
    assert "supplychain/_shipped/scenarios/ensembles/truce-collapse.yaml" in names


def test_the_wheel_lists_its_scenarios_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    """Unpacked beside the libraries that are here; .ci/wheel installs it into an empty place."""
    place = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    (tmp_path / "elsewhere").mkdir()
    code = (
        "import supplychain; from supplychain.cli import main;"
        f" assert supplychain.__file__.startswith({str(place)!r}), supplychain.__file__; main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "scenario", "list"],
        cwd=tmp_path / "elsewhere",
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""
    assert ended.returncode == 0
    for file in map(Path, tracked("scenarios")):
        listed = re.search(rf"^{file.stem} .*shipped$", ended.stdout, re.MULTILINE)
        assert bool(listed) == (file.parent.name == "scenarios"), file


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {plain(name): version for name, version in pairs}


def test_every_dependency_has_a_pinned_version() -> None:
    wanted = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["project"]["optional-dependencies"]["test"],
        *PROJECT["project"]["optional-dependencies"]["iamc-test"],
    ]
    names = {re.split(r"[<>=!\[; ]", want)[0].replace("_", "-").lower() for want in wanted}
    assert names <= set(pins())


def locked() -> dict[str, tuple[str, int]]:
    """The version of each library in requirements.lock, and how many hashes it may have."""
    text = (ROOT / "requirements.lock").read_text()
    parts = re.findall(
        r"^(\S+)==(\S+) \\\n((?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.M
    )
    found = {plain(name): (version, held.count("--hash")) for name, version, held in parts}
    assert len(found) == text.count("==")
    return found


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(names: Iterable[str]) -> set[str]:
    """The libraries and all that they need on this system, as they are installed."""
    found: set[str] = set()
    todo = {plain(name) for name in names}
    while todo:
        name = todo.pop()
        found.add(name)
        wants = [Requirement(line) for line in metadata.requires(name) or []]
        here = {
            plain(w.name) for w in wants if w.marker is None or w.marker.evaluate({"extra": ""})
        }
        todo |= here - found
    return found


def test_all_that_runs_is_locked_by_hash_at_the_pinned_version() -> None:
    lock = locked()
    assert {name: version for name, (version, _) in lock.items()}.items() <= pins().items()
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    assert needed(Requirement(want).name for want in wanted) <= set(lock)


def test_no_registry_is_named() -> None:
    for name in (
        "constraints.txt",
        "requirements.lock",
        "pyproject.toml",
        "README.md",
        *sorted(tracked(".ci")),
    ):
        text = (ROOT / name).read_text()
        assert not re.search(r"--(extra-)?index-url|--find-links|\bfile://", text), name


def fenced(heading: str) -> list[str]:
    """The lines of the fences under a heading of the README."""
    section = (ROOT / "README.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [line for block in re.findall(r"```\w*\n(.*?)```", section, re.DOTALL)
            for line in block.splitlines()]  # fmt: skip


def test_the_readme_has_one_line_to_run_and_one_to_test() -> None:
    (run,) = fenced("Run it")
    (test,) = fenced("Test it")
    assert run.endswith("supplychain run no-truce")
    assert "constraints.txt" in run
    script = test.removeprefix("bash ")
    assert (ROOT / script).is_file()


def test_the_build_server_runs_the_readmes_test_command() -> None:
    """`.ci/run` takes the line from the README itself; asked for its plan, it shows that line."""
    ended = subprocess.run(
        ["bash", ROOT / ".ci" / "run", "--plan"], capture_output=True, text=True, check=True
    )
    (test,) = fenced("Test it")
    assert ended.stdout.splitlines()[0] == test


def test_scripts_stop_at_the_first_error() -> None:
    for name in sorted(tracked(".ci")):
        assert "set -euo pipefail" in (ROOT / name).read_text(), name
        subprocess.run(["bash", "-n", ROOT / name], check=True)


def test_the_files_to_begin_with_are_there() -> None:
    """A name that is gone would be left out of the order without a word."""
    assert [name for name in LONGEST_FIRST if not (ROOT / name).is_file()] == []


def test_the_command_is_an_entry_point() -> None:
    assert PROJECT["project"]["scripts"] == {"supplychain": "supplychain.cli:main"}
