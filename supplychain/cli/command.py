"""From a function to a command: its answer in words or JSON, errors and exit codes."""

from __future__ import annotations

import dataclasses
import inspect
import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, TypeVar, get_type_hints

import typer

from supplychain.cli.options import Common, LogFormat, Logged
from supplychain.errors import ExitCode, Problem, failure_of
from supplychain.formatting import json_value, visible
from supplychain.progress import announce, hush_libraries, say_end, say_problems, set_up, structured
from supplychain.report.text.terminal_table import spoken


@dataclass(frozen=True)
class Answer:
    """The outcome of a command that did its work.

    `text` is for a person; `data` is the same for a program. `code` other than DONE says that the
    work was done but something asked for did not hold; `problems` then says what.
    """

    text: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    artifacts: Sequence[Path] = ()
    warnings: Sequence[str] = ()
    problems: Sequence[Problem] = ()
    complaint: str = ""
    """The problems in words for a person; blank: message and hint of each."""
    code: ExitCode = ExitCode.DONE


Body = TypeVar("Body", bound=Callable[..., Answer])

UsageError: type[Exception] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "UsageError"
)
"""What the parser raises; its home differs between versions of typer, which does not export it."""


def register(
    app: typer.Typer, name: str, *, group: str = "", closing: str = ""
) -> Callable[[Body], Body]:
    """Add a function to `app` as the command `name`; the function itself stays as it is.

    Its parameter `options` is one of the classes in `supplychain.cli.options`, whose fields become
    options of the command. `closing` ends a list of problems, such as "Nothing was solved.".
    """
    words = f"{group} {name}".strip()

    def add(body: Body) -> Body:
        app.command(name, help=inspect.getdoc(body))(_entry(body, words, closing))
        return body

    return add


def _entry(body: Callable[..., Answer], words: str, closing: str) -> Callable[..., None]:
    """Make the function that typer calls."""
    hints = get_type_hints(body, include_extras=True)
    kind: type[Common] = hints["options"]
    shared = {field.name for field in dataclasses.fields(kind)}

    def entry(**given: Any) -> None:
        options = kind(**{name: given.pop(name) for name in shared})
        started = perf_counter()
        listen(options)
        hush_libraries()
        with Boundary(words, as_json=options.as_json, debug=options.debug, closing=closing):
            deliver(words, body(**given, options=options), options, started)

    entry.__signature__ = _signature(body, hints, kind)  # type: ignore[attr-defined]
    entry.__annotations__ = {}
    return entry


def _signature(
    body: Callable[..., Answer], hints: dict[str, Any], kind: type[Common]
) -> inspect.Signature:
    """The body's own parameters, then one for each field of the shared options."""
    own = [
        parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY)
        for name, parameter in inspect.signature(body).parameters.items()
        if name != "options"
    ]
    spread = get_type_hints(kind, include_extras=True)
    fields = sorted(dataclasses.fields(kind), key=lambda field: field.name in _LAST)
    common = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=spread[field.name],
        )
        for field in fields
    ]
    return inspect.Signature([*own, *common])


_LAST = {field.name for field in dataclasses.fields(Common)}


class Boundary:
    """Where every error of a command ends: in words, or in the JSON object, and an exit code."""

    def __init__(self, words: str, *, as_json: bool, debug: bool, closing: str = "") -> None:
        """Remember how to speak."""
        self.words = words
        self.as_json = as_json
        self.debug = debug
        self.closing = closing
        self.started = perf_counter()

    def __enter__(self) -> Boundary:
        """Start to watch."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Report an error and leave with its exit code; usage errors go on to the parser."""
        if error is None or isinstance(
            error, UsageError | typer.Exit | SystemExit | BrokenPipeError
        ):
            return
        failure = failure_of(error, self.closing)
        trail = "".join(traceback.format_exception(error)) if self.debug else ""
        if structured():
            say_problems(failure.problems)
            say_end(self.words, failure.code, self.started, trail)
        else:
            print(visible(trail), end="", file=sys.stderr)
        if self.as_json:
            print(envelope(self.words, failure.code, problems=failure.problems))
        elif not structured():
            print(visible(failure.text), file=sys.stderr)
        raise typer.Exit(failure.code) from None


def deliver(words: str, answer: Answer, options: Common, started: float) -> None:
    """Print an answer, and leave with its exit code where that is not 0."""
    for warning in answer.warnings:
        announce(warning, quiet=options.quiet or options.as_json, prefix="Note: ")
    if options.as_json:
        print(
            envelope(
                words,
                answer.code,
                data=answer.data,
                artifacts=answer.artifacts,
                warnings=answer.warnings,
                problems=answer.problems,
            )
        )
    elif answer.text:
        print(spoken(answer.text))
    if structured():
        say_problems(answer.problems)
        say_end(words, answer.code, started)
    elif not options.as_json:
        said = [" ".join(filter(None, [p.message, p.hint])) for p in answer.problems]
        for line in [answer.complaint] if answer.complaint else said:
            print(visible(line), file=sys.stderr)
    if answer.code != ExitCode.DONE:
        raise typer.Exit(answer.code)


def envelope(
    command: str,
    code: int,
    *,
    data: Mapping[str, object] | None = None,
    artifacts: Iterable[Path] = (),
    warnings: Iterable[str] = (),
    problems: Iterable[Problem] = (),
) -> str:
    """Write the one object that `--json` prints, as text.

    The schema's name joins the words of the command: `data check` gives `supplychain/data-check/1`.
    """
    whole = {
        "schema": f"supplychain/{command.replace(' ', '-') or 'usage'}/1",
        "ok": code == ExitCode.DONE,
        "command": command,
        "exit_code": int(code),
        "data": data,
        "artifacts": [path.as_posix() for path in artifacts],
        "warnings": list(warnings),
        "errors": [problem.as_json() for problem in problems],
    }
    return json.dumps(json_value(whole), allow_nan=False, indent=2)


def listen(options: Common) -> None:
    """Send the notes of the library to standard error, as many as -q and -v ask for."""
    as_json = getattr(options, "log_format", None) == LogFormat.json
    level = logging.ERROR if options.quiet else logging.WARNING - 10 * min(options.verbose, 2)
    set_up(as_json, min(level, logging.INFO) if as_json and not options.quiet else level)


def listen_early(words: Sequence[str]) -> None:
    """Speak as a command line asks for before it is parsed, so that its faults are said so too."""
    pairs = {f"{one}={other}" for one, other in pairwise([*words, ""])} | {*words}
    listen(Logged(log_format=LogFormat("json" if "--log-format=json" in pairs else "text")))
