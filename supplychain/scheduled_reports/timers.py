"""`report --print-timer`: what makes a scheduler call `supplychain report`, as text.

Pure functions from settings to text. Times are UTC; weekdays are named, because numbers mean
different days to different schedulers.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from supplychain.errors import InvalidInput, Problem, problem

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DEFAULT_EVERY = "monday 05:00"
RESULTS = "reports/out"
"""Where a workflow keeps results, unless told otherwise."""
_EVERY = re.compile(rf"(daily|monthly|{'|'.join(DAYS)})(?: +([01]?\d|2[0-3]):([0-5]\d))?")


class Timer(StrEnum):
    """The schedulers that a text can be printed for."""

    systemd = "systemd"
    cron = "cron"
    github_actions = "github-actions"


@dataclass(frozen=True)
class Every:
    """When a report is due: every day, every week on a day, or on the first of a month; UTC."""

    day: str
    hour: int
    minute: int

    @property
    def cron(self) -> str:
        """The five fields of a crontab.

        >>> read_every("monday 05:00").cron, read_every("monthly 6:30").cron
        ('0 5 * * MON', '30 6 1 * *')
        """
        month_day = "1" if self.day == "monthly" else "*"
        week_day = self.day[:3].upper() if self.day in DAYS else "*"
        return f"{self.minute} {self.hour} {month_day} * {week_day}"

    @property
    def calendar(self) -> str:
        """The same as systemd writes it.

        >>> read_every("monday 05:00").calendar, read_every("daily").calendar
        ('Mon *-*-* 05:00:00 UTC', '*-*-* 05:00:00 UTC')
        """
        week_day = f"{self.day[:3].title()} " if self.day in DAYS else ""
        month_day = "01" if self.day == "monthly" else "*"
        return f"{week_day}*-*-{month_day} {self.hour:02}:{self.minute:02}:00 UTC"


@dataclass(frozen=True)
class TimerSettings:
    """What a timer needs to know: when, where, with which program and options."""

    folder: Path
    """The working folder: that of `supplychain.toml`, in which names of definitions are found."""
    program: tuple[str, ...]
    """The words that start `supplychain`, the first an absolute path."""
    every: Every
    options: tuple[str, ...] = ()
    """Options that go along, such as `--fail-on alert`."""
    paths: tuple[tuple[str, Path], ...] = ()
    """Options whose value is a path, such as `-o`: absolute, on GitHub relative."""


def read_every(text: str) -> Every:
    """Read `daily`, `monthly` or a weekday, with a time of day in UTC (05:00 without one).

    Raises:
        InvalidInput: it is not such a text.
    """
    found = _EVERY.fullmatch(text.strip().lower())
    if found is None:
        hint = f'Write "{DEFAULT_EVERY}", "daily 05:00" or "monthly 05:00"; times are UTC.'
        message = f'"{text}" is no time for a timer.'
        raise InvalidInput(message, [problem("TIMER-101", message, hint=hint)])
    return Every(found[1], int(found[2] or 5), int(found[3] or 0))


def this_program() -> tuple[str, ...]:
    """The words that start this very installation from anywhere."""
    script = Path(sys.executable).with_name("supplychain")
    return (str(script),) if script.is_file() else (sys.executable, "-m", "supplychain")


def timer_files(kind: str, specs: Sequence[str], settings: TimerSettings) -> dict[str, str]:
    """Write the files of a timer, by name.

    `specs` are names or paths of definitions; a path is made absolute, on GitHub relative.

    Raises:
        InvalidInput: a path cannot be written in such a file, or is not in the project.
    """
    writers: Mapping[str, Callable[[Sequence[str], TimerSettings], dict[str, str]]] = {
        Timer.systemd: _systemd,
        Timer.cron: _cron,
        Timer.github_actions: _github_actions,
    }
    problems = [*_unwritable(specs, settings)]
    if problems:
        raise InvalidInput("The timer cannot be written.", problems)
    return writers[kind](specs, settings)


def timer_text(kind: str, specs: Sequence[str], settings: TimerSettings) -> str:
    """Write a timer as one text, each file under its name.

    Raises:
        InvalidInput: see `timer_files`.
    """
    return "\n".join(timer_files(kind, specs, settings).values())


def unit_name(specs: Sequence[str]) -> str:
    """A name for the timer of some definitions.

    >>> unit_name(["weekly"]), unit_name(["reports/my week.yaml", "truce-watch"])
    ('supplychain-weekly', 'supplychain-my-week-truce-watch')
    """
    stems = [re.sub(r"[^A-Za-z0-9_.]+", "-", Path(spec).stem).strip("-") for spec in specs]
    return "-".join(["supplychain", *filter(None, stems)])[:200]


def _unwritable(specs: Sequence[str], settings: TimerSettings) -> list[Problem]:
    """Words with a character that one of the schedulers cannot be told."""
    paths = [str(path) for _, path in settings.paths]
    words = [str(settings.folder), *settings.program, *settings.options, *paths, *specs]
    hint = "Move or rename it."
    return [
        problem("TIMER-102", f"{word!r} has a character that a timer cannot hold.", hint=hint)
        for word in words
        if re.search(r"[\x00-\x1f\x7f\\]|\$\{", word)
    ]


def _command(specs: Sequence[str], settings: TimerSettings) -> list[str]:
    """The words of the command line."""
    names = [_absolute(spec, settings.folder) for spec in specs]
    paths = [word for option, path in settings.paths for word in (option, _whole(path, settings))]
    return [*settings.program, "report", *settings.options, *paths, *names]


def _whole(path: Path, settings: TimerSettings) -> str:
    return str(settings.folder / path)


def _absolute(spec: str, folder: Path) -> str:
    """Leave a name as it is; make a path absolute."""
    return str(folder / spec) if _is_path(spec) else spec


def _is_path(spec: str) -> bool:
    return "/" in spec or spec.endswith((".yaml", ".yml"))


def _systemd(specs: Sequence[str], settings: TimerSettings) -> dict[str, str]:
    """A service that makes the reports once, and the timer that starts it."""
    name = unit_name(specs)
    program, *words = _command(specs, settings)
    line = " ".join([_word(program, dollars=False), *(_word(word) for word in words)])
    what = " ".join(specs).replace("%", "%%")
    service = f"""\
# {name}.service: save as ~/.config/systemd/user/{name}.service
[Unit]
Description=supplychain report {what}
# A failure (alerts with --fail-on alert among them) can page somebody:
# OnFailure=page@%n.service

[Service]
Type=oneshot
WorkingDirectory={str(settings.folder).replace("%", "%%")}
ExecStart={line}
# 75: another process makes the same report just now.
SuccessExitStatus=75
Nice=10
"""
    timer = f"""\
# {name}.timer: save as ~/.config/systemd/user/{name}.timer, then
# systemctl --user daemon-reload && systemctl --user enable --now {name}.timer
[Unit]
Description=Timer of supplychain report {what}

[Timer]
OnCalendar={settings.every.calendar}
# A run that was missed while the machine was off is made up for.
Persistent=true
AccuracySec=1min

[Install]
WantedBy=timers.target
"""
    return {f"{name}.service": service, f"{name}.timer": timer}


def _word(word: str, *, dollars: bool = True) -> str:
    """Quote a word of ExecStart: `%` starts a specifier, `$` a variable, save in the program.

    >>> print(_word("50 % of $x"))
    "50 %% of $$x"
    """
    text = word.replace("%", "%%").replace('"', '\\"')
    text = text.replace("$", "$$") if dollars else text
    return f'"{text}"' if re.search(r"[^\w/.:=@%$+,-]", text) else text


def _cron(specs: Sequence[str], settings: TimerSettings) -> dict[str, str]:
    """A line of a crontab; a `%` would end the command there."""
    command = shlex.join(_command(specs, settings))
    line = f"cd {shlex.quote(str(settings.folder))} && {command}".replace("%", "\\%")
    text = f"""\
# {unit_name(specs)}: add to `crontab -e`. Cron mails what the command prints.
# The time is UTC. A cron that does not know CRON_TZ takes the machine's own time zone.
CRON_TZ=UTC
{settings.every.cron} {line}
"""
    return {"crontab": text}


def _github_actions(specs: Sequence[str], settings: TimerSettings) -> dict[str, str]:
    """A workflow that keeps the past results in a cache, so that the next run knows them."""
    here = settings.folder
    words = [_relative(spec, here) if _is_path(spec) else spec for spec in specs]
    paths = [(option, _relative(path, here)) for option, path in settings.paths]
    place = dict(paths).get("-o", RESULTS)
    given = [word for pair in paths if pair[0] != "-o" for word in pair]
    options = [*settings.options, *given, "-o", place]
    command = shlex.join(["supplychain", "report", *options, *words])
    out = json.dumps(place)
    name = unit_name(specs)
    text = f"""\
# Save as .github/workflows/{name}.yml
name: {name}
on:
  schedule:
    - cron: "{settings.every.cron}"  # UTC
  workflow_dispatch:
permissions:
  contents: read
concurrency:
  group: {name}
  cancel-in-progress: false
jobs:
  report:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install -c constraints.txt .
      - uses: actions/cache/restore@v4
        with:
          path: {out}
          key: {name}--${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}
          restore-keys: {name}--
      - run: |
          {command}
      - uses: actions/cache/save@v4
        if: always()
        with:
          path: {out}
          key: {name}--${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: reports
          path: {out}
"""
    return {f"{name}.yml": text}


def _relative(spec: str | Path, folder: Path) -> str:
    """A path inside the repository.

    Raises:
        InvalidInput: it lies elsewhere, where the workflow would not find it.
    """
    path = folder / spec
    if not path.resolve().is_relative_to(folder.resolve()):
        message = f"{spec} lies outside {folder}, so a workflow would not find it."
        hint = "Put it into the project."
        raise InvalidInput(message, [problem("TIMER-103", message, hint=hint)])
    return path.resolve().relative_to(folder.resolve()).as_posix()
