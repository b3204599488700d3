"""Turn a function into a command: shared options spread out, errors into words and exit codes."""

from __future__ import annotations

import dataclasses
import inspect
import logging
import sys
import traceback
from collections.abc import Callable
from time import perf_counter
from types import TracebackType
from typing import Any, TypeVar, get_type_hints

import typer

from supplychain.cli.answer import Answer, envelope
from supplychain.cli.failures import failure_of
from supplychain.cli.log import announce, listen, say_end, say_problems, structured
from supplychain.cli.options import Common
from supplychain.errors import ExitCode

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
            print(trail, end="", file=sys.stderr)
        if self.as_json:
            print(envelope(self.words, failure.code, problems=failure.problems))
        elif not structured():
            print(failure.text, file=sys.stderr)
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
        print(answer.text)
    if structured():
        say_problems(answer.problems)
        say_end(words, answer.code, started)
    elif not options.as_json:
        said = [" ".join(filter(None, [p.message, p.hint])) for p in answer.problems]
        for line in [answer.complaint] if answer.complaint else said:
            print(line, file=sys.stderr)
    if answer.code != ExitCode.DONE:
        raise typer.Exit(answer.code)


def hush_libraries() -> None:
    """Keep Pyomo from writing to standard output, where an end from outside meets it at work.

    What it would say there comes as an exception too.
    """
    logging.getLogger("pyomo").setLevel(logging.CRITICAL + 1)
