"""Make one report after the other: one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from supplychain.cli.answer import Answer
from supplychain.cli.failures import Failure, failure_of
from supplychain.cli.log import step
from supplychain.cli.settings import Settings
from supplychain.dataset.paths import shown
from supplychain.errors import ExitCode, InvalidInput, Problem, SupplychainError, problem
from supplychain.periodic.definition import find_definition, load_definition, report_folders
from supplychain.periodic.making import Made, make_report
from supplychain.periodic.plan import Ground, Library, make_plan
from supplychain.periodic.solving import Workshop


@dataclass(frozen=True)
class Outcome:
    """What became of a definition: its report, or why there is none."""

    spec: str
    made: Made | None
    failure: Failure | None = None


def make_all(
    specs: Sequence[str],
    settings: Settings,
    ground: Ground,
    workshop: Workshop,
    day: date,
    *,
    wait: float,
    asked_day: bool,
    fail_on_alert: bool,
) -> Answer:
    """Make the reports of definitions and say what became of each."""
    library = Library()
    folders = report_folders(settings.project)
    outcomes: list[Outcome] = []
    for spec in dict.fromkeys(specs):
        try:
            path = find_definition(spec, folders)
            _refuse_twice(path, outcomes)
            with step("plan", spec) as said:
                plan = make_plan(load_definition(path), day, ground, library)
                said.update(key=plan.key, runs=[one.id for one in plan.wanted])
            with step("report", spec) as said:
                made = make_report(plan, workshop, wait=wait, backfill=asked_day)
                said.update(new=made.new, solved=list(made.solved), folder=made.past.folder)
            outcomes.append(Outcome(spec, made))
        except (SupplychainError, OSError) as error:
            outcomes.append(Outcome(spec, None, failure_of(error)))
    front = keep_front(settings.out, outcomes)
    return _answer(outcomes, front, fail_on_alert=fail_on_alert)


def keep_front(out: Path, outcomes: Sequence[Outcome]) -> Failure | None:
    """Write the front page and the feed again unless they show the reports that are there.

    The reports are made then, whatever comes of this; why it failed is returned.
    """
    from supplychain.periodic.front import is_current, write_front

    try:
        if any(one.made for one in outcomes) and not is_current(out):
            with step("front", out.as_posix()):
                write_front(out)
    except (SupplychainError, OSError) as error:
        return failure_of(error)
    return None


def _refuse_twice(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Refuse a second definition of one name: both would have the same folder."""
    names = [one.made.past.record["definition"] for one in outcomes if one.made]
    if path.stem in names:
        message = f'another definition of this command is called "{path.stem}" too.'
        found = problem("REPORT-402", message, file=shown(path), hint="Rename one of the two.")
        raise InvalidInput(message, [found])


def _answer(outcomes: Sequence[Outcome], front: Failure | None, *, fail_on_alert: bool) -> Answer:
    failures = {one.spec: one.failure for one in outcomes if one.failure is not None}
    if front is not None:
        failures["The front page"] = front
    made = [one.made for one in outcomes if one.made]
    alerts = [alert for one in made for alert in one.past.record["alerts"]] if fail_on_alert else []
    told = [problem("CHECK-201", f"{a['name']}: {a['said']}") for a in alerts]
    told += [found for one in made for found in one.problems]
    problems: list[Problem] = []
    for spec, failure in failures.items():
        problems.append(problem("REPORT-901", f"{spec} was not made.", path=spec))
        problems.extend(failure.problems)
    complaints = [f"{spec} was not made.\n{failure.text}" for spec, failure in failures.items()]
    complaints += [" ".join(filter(None, [found.message, found.hint])) for found in told]
    return Answer(
        "\n\n".join(map(_text, made)),
        {"reports": [_entry(one) for one in outcomes]},
        artifacts=[file for one in made for file in _files(one)],
        problems=list(dict.fromkeys([*problems, *told])),
        complaint="\n".join(complaints),
        code=code_of(outcomes, alerts=bool(alerts), front=front is None),
    )


def code_of(outcomes: Sequence[Outcome], *, alerts: bool, front: bool = True) -> ExitCode:
    """The exit code: an alert that was asked for goes before a part that failed.

    Where all failed it is the code of the first.
    """
    failures = [one.failure for one in outcomes if one.failure is not None]
    if failures and len(failures) == len(outcomes):
        return failures[0].code
    if alerts:
        return ExitCode.CHECK_FAILED
    partial = not front or bool(failures) or any(one.made and one.made.problems for one in outcomes)
    return ExitCode.PARTIAL if partial else ExitCode.DONE


def _text(made: Made) -> str:
    """What became of a definition, for a person."""
    record = made.past.record
    lines = [f"{record['definition']}, {record['date']}: {_done(made)}", record["sentence"]]
    lines += [f"Alert {alert['name']}: {alert['said']}" for alert in record["alerts"]]
    lines += [f"Not kept any more: {folder.as_posix()}" for folder in made.gone]
    return "\n".join([*lines, f"Report: {_address(made).as_posix()}"])


def _done(made: Made) -> str:
    solved = f"solved {', '.join(made.solved)}" if made.solved else "nothing was solved"
    if not made.new:
        return f"up to date, {solved}."
    kept = [r["scenario"] for r in made.past.record["runs"] if r["scenario"] not in made.solved]
    return f"{solved}; kept from before: {', '.join(kept)}." if kept else f"{solved}."


def _address(made: Made) -> Path:
    """The page if there is one, or the brief."""
    files = made.past.record["files"]
    return made.past.folder / ("report.html" if "report.html" in files else "brief.md")


def _files(made: Made) -> list[Path]:
    return [made.past.folder / name for name in (*made.past.record["files"], "report.json")]


def _entry(one: Outcome) -> dict[str, Any]:
    """The entry of `reports` in --json."""
    if one.made is None:
        assert one.failure is not None
        return {"definition": one.spec, "status": "failed", "exit_code": int(one.failure.code)}
    record = one.made.past.record
    kept = ("date", "number", "key", "base", "runs", "sentence", "changed", "alerts", "headline")
    return {
        "definition": record["definition"],
        "status": "made" if one.made.new else "up-to-date",
        "folder": one.made.past.folder,
        "latest": one.made.past.folder.parent / "latest",
        "solved": list(one.made.solved),
        "removed": list(one.made.gone),
        **{name: record[name] for name in kept},
    }
