"""What `report --print-timer` says: the timers of the definitions that are named."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from supplychain.cli.answer import Answer
from supplychain.cli.options import LogFormat, Reporting
from supplychain.cli.settings import Settings
from supplychain.cli.timers import (
    DEFAULT_EVERY,
    Timer,
    TimerSettings,
    read_every,
    this_program,
    timer_files,
)
from supplychain.periodic.definition import (
    find_definition,
    invalid,
    load_definition,
    report_folders,
)


def print_timer(
    kind: Timer,
    specs: Sequence[str],
    options: Reporting,
    settings: Settings,
    *,
    fail_on_alert: bool,
) -> Answer:
    """Print a timer for each time at which some of the definitions are due.

    Raises:
        NothingMatched: there is no such definition.
        InvalidInput: a definition is wrong, or a path cannot be written in such a file.
    """
    due: dict[str, list[str]] = {}
    for spec in dict.fromkeys(specs):
        path = find_definition(spec, report_folders(settings.project))
        definition = load_definition(path)
        if definition.document.problems:
            raise invalid(definition.document.problems)
        named = str(path.absolute()) if Path(spec).exists() else spec
        due.setdefault(definition.part.every or DEFAULT_EVERY, []).append(named)
    files: dict[str, str] = {}
    for every, names in due.items():
        told = TimerSettings(
            folder=settings.project.absolute(),
            program=this_program(),
            every=read_every(every),
            options=options_of(options, fail_on_alert=fail_on_alert),
            paths=paths_of(options),
        )
        for name, text in timer_files(kind, names, told).items():
            files[name] = "\n".join(filter(None, [files.get(name), text]))
    text = "\n".join(files.values()).rstrip("\n")
    return Answer(text, {"timer": kind, "files": files}, warnings=_not_taken_along())


def _not_taken_along() -> list[str]:
    """Settings of this environment that a timer starts without."""
    names = sorted(name for name in os.environ if name.startswith("SUPPLYCHAIN_"))
    hint = "The timer does not know it: give the option instead, or write it into supplychain.toml."
    return [f"{name} is set here. {hint}" for name in names]


def options_of(options: Reporting, *, fail_on_alert: bool) -> tuple[str, ...]:
    """The options of this command line that the timer shall give too."""
    words = ["--fail-on", "alert"] if fail_on_alert else []
    for name in ("workers", "threads"):
        value = getattr(options, name)
        words += [f"--{name}", str(value)] if value else []
    words += ["--log-format", "json"] if options.log_format == LogFormat.json else []
    words += ["-q"] if options.quiet else []
    return tuple(words)


def paths_of(options: Reporting) -> tuple[tuple[str, Path], ...]:
    """Those of them that are paths, from the working folder of this command."""
    pairs = [("--data", options.data), ("-o", options.out)]
    pairs += [("--overlay", overlay) for overlay in options.overlay or ()]
    return tuple((name, path.absolute()) for name, path in pairs if path)
