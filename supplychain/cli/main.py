"""The command `supplychain`: every command by name, and the way in and out of the process."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from types import FrameType
from typing import Annotated, NoReturn

import typer

from supplychain import __version__
from supplychain.cli import (
    company_command,
    compare_command,
    data_command,
    doctor_command,
    ensemble_command,
    export_command,
    hindcast_command,
    measures_command,
    report_command,
    run_command,
    runs_command,
    scenario_command,
    survive_command,
)
from supplychain.cli.command import Boundary, UsageError, envelope, listen_early
from supplychain.errors import (
    SOLVING,
    ExitCode,
    InvalidInput,
    Terminated,
    failure_of,
    note_end,
    problem,
    was_ended,
)
from supplychain.formatting import visible
from supplychain.progress import say_problems, structured

app = typer.Typer(
    name="supplychain",
    help="How much output rare-earth export controls cost, where, from which week, and why.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"supplychain {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it."),
    ] = False,
) -> None:
    """How much output rare-earth export controls cost, where, from which week, and why."""


run_command.add(app)
compare_command.add(app)
hindcast_command.add(app)
measures_command.add(app)
ensemble_command.add(app)
survive_command.add(app)
report_command.add(app)
scenario_command.add(app)
company_command.add(app)
data_command.add(app)
runs_command.add(app)
export_command.add(app)
doctor_command.add(app)


def invoke(words: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    command = typer.main.get_command(app)
    as_json = "--json" in words
    listen_early(words)
    try:
        with Boundary(_named(words), as_json=as_json, debug="--debug" in words):
            result = command.main(args=list(words), prog_name="supplychain", standalone_mode=False)
    except typer.Exit as left:
        return int(left.exit_code)
    except SystemExit as left:  # the parser's own way to leave when nobody reads on
        if isinstance(left.__context__, BrokenPipeError):
            raise left.__context__ from None
        raise
    except UsageError as error:
        _explain(error, words, as_json=as_json)
        return ExitCode.USAGE
    return result if isinstance(result, int) else ExitCode.DONE


def _explain(error: Exception, words: Sequence[str], *, as_json: bool) -> None:
    """Say what is wrong with the command line."""
    text = _without_prefix(str(getattr(error, "format_message", error.__str__)()))
    found = problem("USAGE", text, hint="See --help.")
    if structured():
        say_problems([found])
    if as_json:
        print(envelope(_named(words), ExitCode.USAGE, problems=[found]))
    elif not structured():
        error.message = visible(_without_prefix(error.message))  # type: ignore[attr-defined]
        error.show()  # type: ignore[attr-defined]


def _without_prefix(text: str) -> str:
    """Take out the words that the parser's library puts before a refusal."""
    return text.replace("Value error, ", "")


def _named(words: Sequence[str]) -> str:
    """The words of the command line that name the command, for what goes wrong before it starts."""
    groups = {group.name for group in app.registered_groups}
    plain = [word for word in words if not word.startswith("-")]
    return " ".join(plain[: 2 if plain and plain[0] in groups else 1])


def run_and_flush(words: Sequence[str]) -> int:
    """Run a command line and see its output off; a reader who left early is no error."""
    code: int = ExitCode.DONE
    try:
        code = invoke(words)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
    except OSError as error:  # standard output itself cannot be written, a full disk for one
        _discard_output()
        failure = failure_of(error)
        print(visible(failure.text), file=sys.stderr)
        code = failure.code
    return code


def _discard_output() -> None:
    """Send what is still to be written nowhere, so that leaving does not fail on it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    note_end(ExitCode.TERMINATED)
    raise Terminated


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    note_end(ExitCode.INTERRUPTED)
    raise KeyboardInterrupt


CLOSED = problem(
    "SETUP-116", "standard output is closed.", hint="Open it, or send it to /dev/null."
)


NO_UNIX = problem(
    "SETUP-118",
    "this system is none of those that the program runs on: Linux and macOS.",
    hint="On Windows, run it in the Windows Subsystem for Linux.",
)


def _open_standard_streams() -> str:
    """Open what of the three standard streams is closed, lest a file takes its number.

    Returns:
        The numbers of those that were closed.
    """
    closed = ""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))
            closed += str(number)
    return closed


def start() -> NoReturn:
    """Be the process: take the command line, leave with the exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where it is ignored
        signal.signal(signal.SIGINT, _interrupt)
    closed = _open_standard_streams()
    refused = CLOSED if "1" in closed else None if find_spec("resource") else NO_UNIX
    if refused:
        failure = failure_of(InvalidInput("Nothing was done.", [refused]))
        print(failure.text, file=sys.stderr)
        sys.exit(failure.code)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    code = run_and_flush(sys.argv[1:])
    # A solve at work in its thread can be ended by nothing else; without one the usual way out
    # leaves no semaphores of worker processes behind.
    if was_ended() and any(thread.name == SOLVING for thread in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
    sys.exit(code)
