"""Where scenarios are: by name in the folders given, the project's own first, or by path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from supplychain.dataset.paths import shown
from supplychain.errors import InvalidInput, NothingMatched, nearest
from supplychain.regime.yaml_reader import read_yaml

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario file as a listing shows it; `title` is blank where the file cannot be read."""

    name: str
    title: str
    extends: str
    path: Path
    readable: bool

    def as_json(self) -> dict[str, object]:
        """The entry of a listing in `--json`."""
        return {
            "name": self.name,
            "title": self.title or None,
            "extends": self.extends or None,
            "file": shown(self.path),
            "readable": self.readable,
        }


def available(folders: Sequence[Path], rests_on: str = "extends") -> tuple[ScenarioFile, ...]:
    """List every scenario by name; a name in an earlier folder hides that in a later one.

    `rests_on` is the key under which a file names the scenario that it rests on.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            if path.suffix in SUFFIXES and path.is_file():
                found.setdefault(path.stem, path)
    return tuple(_glance(found[name], rests_on) for name in sorted(found))


def find_scenario(name_or_path: str, folders: Sequence[Path], what: str = "scenario") -> Path:
    """Return the file that a name or path means; `what` it is said to be in a message.

    Raises:
        NothingMatched: there is no such file; the message names the nearest one there is.
    """
    path = Path(name_or_path)
    if path.suffix in SUFFIXES or len(path.parts) > 1:
        if path.is_file():
            return path
        raise NothingMatched(f"There is no {what} file {name_or_path}.")
    for folder in folders:
        for suffix in SUFFIXES:
            candidate = folder / f"{name_or_path}{suffix}"
            if candidate.is_file():
                return candidate
    names = [file.name for file in available(folders)]
    where = ", ".join(shown(folder) for folder in folders)
    hint = nearest(name_or_path, names) or f"There are: {', '.join(names) or 'none'}."
    raise NothingMatched(f'There is no {what} "{name_or_path}" in {where}. {hint}')


def _glance(path: Path, rests_on: str) -> ScenarioFile:
    try:
        tree = read_yaml(path).tree
    except InvalidInput:
        return ScenarioFile(path.stem, "", "", path, readable=False)
    title, extends = tree.get("title", ""), tree.get(rests_on, "")
    return ScenarioFile(path.stem, str(title), str(extends), path, readable=True)
