"""Shared options as they hold: command line, environment, file; requests made of them."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supplychain.cli.command import UsageError
from supplychain.cli.options import MOST_AT_ONCE, Allocation, Common, Demand, Foresight, Solving
from supplychain.errors import InvalidInput, Problem, nearest, problem
from supplychain.formatting import in_calendar

if TYPE_CHECKING:
    from supplychain.study.run_request import RunRequest


FILE = "supplychain.toml"


@dataclass(frozen=True)
class Settings:
    """Every shared option with the value that holds. None: the scenario or the shipped data say."""

    project: Path
    data: Path | None
    overlays: tuple[Path, ...]
    out: Path
    foresight: str | None
    allocation: str
    demand: str | None
    start: date | None
    weeks: int | None
    workers: int
    threads: int
    beside: bool = False
    """Whether the ends of a band may be solved in a second process."""


class _Unfit(ValueError):
    """A value that cannot be what the key wants; the message says what it wants."""


MOST_COUNTED = 999_999_999
"""The largest whole number that a setting may be."""


def _path(value: object, base: Path) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise _Unfit("a path is wanted")
    if "\0" in str(value):
        raise _Unfit("a path has no zero byte")
    try:
        return base / Path(value).expanduser()
    except RuntimeError as error:
        raise _Unfit("there is no such user") from error


def _paths(value: object, base: Path) -> tuple[Path, ...]:
    parts = value.split(os.pathsep) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise _Unfit("a list of paths is wanted")
    return tuple(_path(part, base) for part in parts)


def _count(value: object, _base: Path, most: int = MOST_COUNTED) -> int:
    if not re.fullmatch(r"[1-9]\d{0,8}", str(value)) or int(str(value)) > most:
        raise _Unfit(f"a whole number from 1 to {most:,} is wanted")
    return int(str(value))


def _at_once(value: object, base: Path) -> int:
    return _count(value, base, MOST_AT_ONCE)


def _day(value: object, _base: Path) -> date:
    try:
        day = date.fromisoformat(str(value))
    except ValueError as error:
        raise _Unfit("a date such as 2026-09-28 is wanted") from error
    try:
        return in_calendar(day)
    except ValueError as error:
        raise _Unfit(str(error)) from error


def _one_of(words: tuple[str, ...]) -> Callable[[object, Path], str]:
    def read(value: object, _base: Path) -> str:
        if value not in words:
            raise _Unfit(f"one of {', '.join(words)} is wanted")
        return str(value)

    return read


_READERS: dict[str, Callable[[object, Path], object]] = {
    "data": _path,
    "overlay": _paths,
    "out": _path,
    "foresight": _one_of(tuple(Foresight)),
    "allocation": _one_of(tuple(Allocation)),
    "demand": _one_of(tuple(Demand)),
    "start": _day,
    "weeks": _count,
    "workers": _at_once,
    "threads": _at_once,
}

_BUILT_IN: dict[str, object] = {
    "overlay": (),
    "out": Path("reports/out"),
    "allocation": "contracts",
    "threads": 1,
}


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def resolve(options: Common, environ: Mapping[str, str], here: Path) -> Settings:
    """Find the value of each option: `here` is the working folder.

    Raises:
        InvalidInput: a variable or the project's file holds something that cannot be; all at once.
    """
    file = find_project(here)
    problems: list[Problem] = []
    values = dict(_BUILT_IN)
    if file is not None:
        values |= _from_file(file, here, problems)
    values |= _from_environment(environ, problems)
    values |= _from_options(options, problems)
    if problems:
        raise InvalidInput("The settings cannot be used.", problems)
    wanted: dict[str, Any] = {key: values.get(key) for key in _READERS}
    beside = cores() > 1 if wanted["workers"] is None else None
    wanted["workers"] = wanted["workers"] or 1
    return Settings(
        project=file.parent if file else here,
        overlays=wanted.pop("overlay"),
        beside=wanted["workers"] > 1 if beside is None else beside,
        **wanted,
    )


def find_project(here: Path) -> Path | None:
    """Return the nearest `supplychain.toml` in this folder or above it."""
    return next((p / FILE for p in (here, *here.parents) if os.path.lexists(p / FILE)), None)


def _from_options(options: Common, problems: list[Problem]) -> dict[str, object]:
    given = {key: getattr(options, key, None) for key in _READERS}
    found = {key: value for key, value in given.items() if value not in (None, [])}
    return _read(found, Path(), lambda key: ("the command line", 0, f"--{key}"), problems)


def _from_environment(environ: Mapping[str, str], problems: list[Problem]) -> dict[str, object]:
    names = {key: f"SUPPLYCHAIN_{key.upper()}" for key in _READERS}
    found: dict[str, object] = {k: environ[n] for k, n in names.items() if environ.get(n)}
    return _read(found, Path(), lambda key: ("the environment", 0, names[key]), problems)


def _from_file(file: Path, here: Path, problems: list[Problem]) -> dict[str, object]:
    """Read the project's file; its relative paths are relative to its own folder."""
    from supplychain.files import content_of

    shown = os.path.relpath(file, here)
    try:
        text = content_of(file).decode("utf-8")
        found = tomllib.loads(text)
    except OSError as error:
        problems.append(problem("SETTINGS-101", f"cannot be read: {error.strerror}.", file=shown))
        return {}
    except UnicodeDecodeError:
        problems.append(problem("SETTINGS-101", "is not UTF-8 text.", file=shown))
        return {}
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(at[1]), int(at[2])) if at else (0, 0)
        message = f"this is not TOML: {str(error).split(' (at')[0]}."
        problems.append(problem("SETTINGS-101", message, file=shown, line=line, column=column))
        return {}
    except (ValueError, RecursionError):
        message = "it holds a number of too many digits, or is nested too deep."
        problems.append(problem("SETTINGS-101", message, file=shown))
        return {}

    def place(key: str) -> tuple[str, int, str]:
        at = re.search(rf"^\s*\[*['\"]?{re.escape(key)}\b", text, re.MULTILINE)
        line = text.count("\n", 0, at.end()) + 1 if at else 0
        return shown, line, key

    return _read(found, file.parent, place, problems)


def _read(
    found: Mapping[str, object],
    base: Path,
    place: Callable[[str], tuple[str, int, str]],
    problems: list[Problem],
) -> dict[str, object]:
    values: dict[str, object] = {}
    for key, value in found.items():
        file, line, path = place(key)
        if key not in _READERS:
            hint = nearest(key, _READERS) or f"Known: {', '.join(_READERS)}."
            message = f'there is no setting "{key}".'
            problems.append(
                problem("SETTINGS-102", message, file=file, line=line, hint=hint, path=path)
            )
            continue
        try:
            values[key] = _READERS[key](value, base)
        except _Unfit as error:
            message = f'{path} is "{value}", but {error}.'
            problems.append(problem("SETTINGS-103", message, file=file, line=line, path=path))
    return values


def own_folders(settings: Settings) -> tuple[Path, ...]:
    """Where scenarios are looked for before the shipped ones: the project's own folder, if any."""
    from supplychain.files import shipped

    own = settings.project / "scenarios"
    return (own,) if own.is_dir() and own.resolve() != shipped("scenarios").resolve() else ()


def scenario_folders(settings: Settings) -> tuple[Path, ...]:
    """Where scenarios are looked for: the project's own folder first, then the shipped one."""
    from supplychain.files import shipped

    return (*own_folders(settings), shipped("scenarios"))


def changes_of(options: Solving) -> dict[str, str]:
    """Read `--set KEY=VALUE`.

    Raises:
        UsageError: one has no `=`, or a key comes twice.
    """
    found: dict[str, str] = {}
    for word in options.changes or ():
        key, equals, value = (part.strip() for part in word.partition("="))
        if not (key and equals and value):
            raise UsageError(f'--set wants KEY=VALUE, but got "{word}".')
        if key in found:
            raise UsageError(f'--set gives {key} twice: "{found[key]}" and "{value}".')
        found[key] = value
    return found


def requests(
    scenarios: Sequence[str], options: Solving, *, band: bool | None = False
) -> tuple[Settings, list[RunRequest]]:
    """Say what is to be solved: one request for each scenario, each once.

    `band` is the option as given: None stands for the ends alone, True adds perfect foresight.
    """
    from supplychain.runs.run_schema import BAND_ENDS, PERFECT
    from supplychain.study import RunRequest

    settings = resolve(options, os.environ, Path.cwd())
    changes = changes_of(options)
    made = [
        RunRequest(
            scenario=name,
            folders=own_folders(settings),
            data=settings.data,
            overlays=settings.overlays,
            foresight=settings.foresight,
            allocation=settings.allocation,
            demand=settings.demand,
            settings=changes,
            start=settings.start,
            weeks=settings.weeks,
            threads=settings.threads,
            band=() if band is False else BAND_ENDS if band is None else (*BAND_ENDS, PERFECT),
        )
        for name in dict.fromkeys(scenarios)
    ]
    return settings, made
