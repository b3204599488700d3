"""What the program wrote into the folder of a run, and what somebody else put there, which stays.

`exports.json` is the mark of what `export` wrote: the run that it shows, and the sha256 of each
file. An export that was changed since is its user's file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from supplychain.errors import InvalidInput, problem
from supplychain.files import content_of, remove_parts, whole_file, write_json

EXPORTS = "exports.json"
PAGE = "report.html"
OWN = ("run.json", "ensemble.json", "datapackage.json", PAGE, "report.pdf", EXPORTS)
TABLES, SUFFIX = "tables", ".parquet"
OPEN = (".lock", ".part")
"""How hidden names end that belong to a write under way."""


def foreign_files(folder: Path) -> list[str]:
    """The files below the folder of a run or an ensemble that the program did not write."""
    ours = {*OWN, *own_exports(folder)}
    tables = _own_tables(folder)
    return [name for name in _files(folder) if name not in ours and not _of_tables(name, tables)]


def _own_tables(folder: Path) -> Collection[str] | None:
    """The tables that the record of a run names; None where it names none."""
    sums = _read(folder / "run.json").get("sums")
    return sums if isinstance(sums, dict) and sums else None


def _files(folder: Path) -> Iterator[str]:
    """Every file and link below a folder, by its relative path; links are not followed."""
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        for name in sorted([*names, *links]):
            if not (name.startswith(".") and name.endswith(OPEN)):
                yield (Path(place) / name).relative_to(folder).as_posix()


def _of_tables(name: str, known: Collection[str] | None) -> bool:
    path = Path(name)
    table = path.parent.as_posix() == TABLES and path.suffix == SUFFIX
    return table and (known is None or path.stem in known)


def own_exports(folder: Path) -> dict[str, str]:
    """The exports of a folder that are as they were written: relative path to sha256."""
    written = _marked(folder).get("files")
    known = written if isinstance(written, dict) else {}
    return {name: sum_ for name, sum_ in known.items() if sum_ == _sum(folder / name)}


def _marked(folder: Path) -> dict[str, object]:
    return _read(folder / EXPORTS)


def _read(file: Path) -> dict[str, object]:
    try:
        found = json.loads(content_of(file))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def refuse_others(folder: Path, names: Iterable[str]) -> None:
    """Refuse to write an export over a file that no export wrote, or that was changed since.

    Args:
        folder: of a run.
        names: relative paths of the files that are about to be written.

    Raises:
        InvalidInput: such a file lies there.
    """
    ours = own_exports(folder)
    others = [name for name in names if (folder / name).exists() and name not in ours]
    if others:
        message = f"{others[0]} is not what an export wrote"
        message += f", and {len(others) - 1} more." if others[1:] else "."
        hint = "Move it away, or give it another name."
        found = problem("SETUP-106", message, file=folder.as_posix(), hint=hint)
        raise InvalidInput("Nothing was exported.", [found])


def mark_exports(folder: Path, run: str, files: Iterable[Path]) -> None:
    """Note that files of a run's folder are exports of it."""
    known = own_exports(folder) if _marked(folder).get("run") == run else {}
    new = {file.relative_to(folder).as_posix(): _sum(file) for file in files}
    with whole_file(folder / EXPORTS) as part:
        write_json({"run": run, "files": {**known, **new}}, part)


def staying(run: str) -> Callable[[Path], list[str]]:
    """What stays in a folder into which a run is written: others' files, and exports of that run.

    Exports of another run are taken away with it: their numbers are not those of the new one.
    """

    def stays(folder: Path) -> list[str]:
        same = _marked(folder).get("run") == run
        return [*foreign_files(folder), *([EXPORTS, *own_exports(folder)] if same else [])]

    return stays


def remove_run(folder: Path, wait: float) -> bool:
    """Remove what the program wrote of a run; the folder too, where nothing else is left.

    Returns:
        Whether the folder is gone. If not, it is no run any more and holds what others put there.

    Raises:
        Busy: another process has been writing it for `wait` seconds.
        OSError: it cannot be removed.
    """
    return remove_parts(folder, foreign_files, wait)
