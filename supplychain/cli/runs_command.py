"""`supplychain runs`: the past runs; list, show, diff, prune, reproduce, reindex."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain.cli.command import Answer, UsageError, register
from supplychain.cli.options import Again, Results
from supplychain.cli.settings import resolve
from supplychain.errors import ExitCode, NothingMatched, Problem, nearest, problem
from supplychain.formatting import counted
from supplychain.progress import Progress, step
from supplychain.report.text.run_text import (
    changed_versions,
    differing,
    differing_losses,
    headline_table,
    run_table,
    tables_text,
)
from supplychain.report.text.terminal_table import NONE, amount, million, table

if TYPE_CHECKING:
    from supplychain.runs.catalogue import Catalogue, Entry
    from supplychain.runs.prune import Taken
    from supplychain.runs.run_schema import Run
    from supplychain.study.reproduce import Reproduction


group = typer.Typer(
    help="The past runs: list, show, diff, prune, reproduce, reindex.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RUN = typer.Argument(metavar="RUN", help="An id, its start, latest, latest:SCENARIO, or a folder.")


def add(app: typer.Typer) -> None:
    """Add the commands to the application."""
    add_prune(group)
    add_reproduce(group)
    app.add_typer(group, name="runs")


def place(options: Results) -> Path:
    """The results folder."""
    return resolve(options, os.environ, Path.cwd()).out


@register(group, "list", group="runs")
def list_runs(
    options: Results,
    scenario: Annotated[
        str | None, typer.Option("--scenario", metavar="NAME", help="Of this scenario only.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="The newest N.")
    ] = None,
) -> Answer:
    """List the runs under the results folder, the newest first; damaged folders are named."""
    from supplychain.runs.catalogue import open_catalogue

    out = place(options)
    found = open_catalogue(out)
    runs = [run for run in found.runs if scenario in (None, run.scenario)]
    if scenario and not runs:
        hint = nearest(scenario, dict.fromkeys(run.scenario for run in found.runs))
        text = f'There is no run of "{scenario}" in {out.as_posix()}. {hint}'
        raise NothingMatched(text.strip())
    shown = runs[:limit]
    more = f"\n\n{len(runs) - len(shown):,} older ones." if len(shown) < len(runs) else ""
    text = run_table(shown) + more if shown else f"There are no runs in {out.as_posix()} yet."
    return _with_damage(Answer(text, {"runs": [run.as_json() for run in shown]}), found)


def _with_damage(answer: Answer, found: Catalogue) -> Answer:
    """Name the damaged folders, which are no reason to hide the others."""
    from dataclasses import replace

    from supplychain.runs.catalogue import damage

    said = [
        f"{entry.folder.as_posix()}: {entry.problem}. {damage(entry).hint}"
        for entry in found.damaged
    ]
    data = {**answer.data, "damaged": [entry.as_json() for entry in found.damaged]}
    return replace(answer, data=data, warnings=[*found.notes, *said])


@register(group, "show", group="runs")
def show(options: Results, run: Annotated[str, RUN]) -> Answer:
    """Say what a run is made of and what it lost."""
    from supplychain.runs.catalogue import damage, need_run, open_catalogue, utc
    from supplychain.runs.records import read_run_record

    out = place(options)
    entry = need_run(run, out)
    record = read_run_record(entry.folder)
    folders = open_catalogue(out).folders(entry.id) or (entry.folder,)
    facts = [
        ["run", entry.id],
        ["scenario", f"{entry.scenario}: {entry.title}"],
        ["written", utc(entry.written)],
        ["folder", ", ".join(folder.as_posix() for folder in folders)],
        ["horizon", f"{entry.weeks} weeks from {entry.start}"],
        ["planners", f"{entry.foresight} foresight, allocation by {entry.allocation}"],
        ["data", _data_words(record)],
        ["versions", ", ".join(f"{k} {v}" for k, v in record.get("versions", {}).items())],
        ["solver", f"{record.get('solver', {}).get('status', NONE)}, {_checks(record)}"],
        ["seconds", ", ".join(f"{k} {v:.1f}" for k, v in record.get("seconds", {}).items())],
        ["size", f"{amount(entry.size / 1e6)} MB"],
    ]
    text = table(["what", "found"], facts)
    warnings = [f"{entry.problem}. {damage(entry).hint}"] if entry.problem else []
    warnings += [f"{entry.scenario}: {text}" for text in record.get("warnings", ())]
    data = {**entry.as_json(), "folders": list(folders), "record": record}
    return Answer(f"{text}\n\n{headline_table(record)}", data, warnings=warnings)


def _data_words(record: Mapping[str, Any]) -> str:
    data, inputs = record.get("data", {}), record.get("inputs", {})
    overlays = inputs.get("overlays") or data.get("overlays") or []
    laid = f", with {', '.join(overlays)} laid over" if overlays else ""
    return f"{inputs.get('data') or 'as shipped'}{laid}, sha256 {str(data.get('hash', ''))[:12]}"


def _checks(record: Mapping[str, Any]) -> str:
    checks = record.get("checks", [])
    return f"{sum(bool(check['ok']) for check in checks)} of {counted(len(checks), 'check')} hold"


@register(group, "diff", group="runs")
def diff(options: Results, one: Annotated[str, RUN], other: Annotated[str, RUN]) -> Answer:
    """Say how two runs differ: inputs, versions, what is lost, and which tables moved."""
    from supplychain.runs.catalogue import need_run, read_past
    from supplychain.runs.run_diff import TOLERANCE, table_differences
    from supplychain.study.comparison import inputs_that_differ

    out = place(options)
    first, second = (read_past(need_run(word, out)) for word in (one, other))
    inputs = inputs_that_differ(first, [second]).to_dict("records")
    versions = changed_versions(first.record, second.record)
    tables = table_differences(_unnamed(first), _unnamed(second))
    ids = [str(run.record["id"]) for run in (first, second)]
    rows = [[str(row["what"]), str(row["base"]), str(row["other"])] for row in inputs]
    rows += [[f"version of {name}", *pair] for name, pair in versions.items()]
    parts = [
        table(["input", *ids], rows) if rows else "They have the same inputs.",
        differing_losses(first, second, ids),
        tables_text(tables, TOLERANCE),
    ]
    data = {
        "one": ids[0],
        "other": ids[1],
        "inputs": inputs,
        "versions": {name: {"one": a, "other": b} for name, (a, b) in versions.items()},
        "tables": [found.as_json() for found in tables],
        "tolerance": TOLERANCE,
    }
    return Answer("\n\n".join(parts), data)


def _unnamed(run: Run) -> dict[str, Any]:
    """The tables of a run without the scenario's name, which is no number."""
    return {name: t.drop(columns="scenario", errors="ignore") for name, t in run.tables.items()}


@register(group, "reindex", group="runs")
def reindex(options: Results) -> Answer:
    """Make the catalogue afresh: read every run folder and check the sums of its tables."""
    from supplychain.runs.catalogue import FILE, open_catalogue

    out = place(options)
    found = open_catalogue(out, afresh=True)
    text = f"{counted(len(found.runs), 'run')} in {counted(len(found.entries), 'folder')}."
    data = {"file": out / FILE, "runs": len(found.runs), "folders": len(found.entries)}
    return _with_damage(Answer(text, data), found)


def add_prune(group: typer.Typer) -> None:
    """Add the command to the group."""
    register(group, "prune", group="runs", closing="Nothing was taken away.")(prune)


def prune(
    options: Results,
    older_than: Annotated[
        float | None,
        typer.Option("--older-than", metavar="DAYS", min=0.0, help="Only runs older than this."),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option("--keep", metavar="N", min=0, help="The newest N of each scenario stay."),
    ] = None,
    damaged: Annotated[
        bool, typer.Option("--damaged", help="Also folders whose record or tables are damaged.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("-n", "--dry-run", help="Say what would go; take nothing away.")
    ] = False,
) -> Answer:
    """Take old runs away, never one that the newest report of a definition shows."""
    from supplychain.runs.catalogue import open_catalogue
    from supplychain.runs.prune import (
        Rule,
        Taken,
        choose,
        no_report_in_the_making,
        sweep_parts,
        take_away,
    )

    if older_than is None and keep is None and not damaged:
        raise UsageError("prune wants --older-than DAYS, --keep N or --damaged.")
    out = resolve(options, os.environ, Path.cwd()).out
    rule = Rule(older_than, keep, damaged)
    with no_report_in_the_making(out):
        found = open_catalogue(out)
        chosen = choose(out, found, rule, time.time())
        swept, taken = 0, Taken(chosen, (), ())
        if not dry_run:
            taken = take_away(chosen)
            swept = sweep_parts(out)
    return _pruned(taken, found.notes, swept, dry_run=dry_run)


def _pruned(taken: Taken, notes: tuple[str, ...], swept: int, *, dry_run: bool) -> Answer:
    chosen = taken.done
    freed = chosen.freed + swept
    did = "would go" if dry_run else "taken away"
    said = f"{counted(len(chosen.gone), 'run folder')} {did}, {amount(freed / 1e6)} MB."
    parts = [_gone_table(chosen.gone)] if chosen.gone else []
    if chosen.spared:
        names = ", ".join(f"{entry.id} ({report})" for entry, report in chosen.spared)
        parts.append(f"Kept, because the newest report of a definition shows them: {names}.")
    if chosen.data:
        copies = "copy of data" if len(chosen.data) == 1 else "copies of data"
        parts.append(f"{len(chosen.data)} {copies} {did}, of which no run and no report is left.")
    data = {
        "gone": [entry.as_json() for entry in chosen.gone],
        "spared": [{**entry.as_json(), "report": report} for entry, report in chosen.spared],
        "data": list(chosen.data),
        "freed": freed,
        "dry_run": dry_run,
    }
    stays = "holds files that the program did not write; they stay."
    warnings = [*notes, *(f"{folder.as_posix()} {stays}" for folder in taken.left)]
    problems = [found for _, failure in taken.failed for found in failure.problems]
    words = [f"{folder.as_posix()} was not taken away. {f.text}" for folder, f in taken.failed]
    return Answer(
        "\n\n".join([*parts, said]),
        {**data, "failed": [folder for folder, _ in taken.failed]},
        warnings=warnings,
        problems=problems,
        complaint="\n".join(words),
        code=taken.failed[0][1].code if taken.failed else ExitCode.DONE,
    )


def _gone_table(entries: tuple[Entry, ...]) -> str:
    from supplychain.runs.catalogue import utc

    rows = [
        [entry.id or "-", entry.scenario or "-", utc(entry.written)[:16].replace("T", " "),
         f"{amount(entry.size / 1e6)} MB", entry.folder.as_posix()]
        for entry in entries
    ]  # fmt: skip
    return table(["id", "scenario", "written", "size", "folder"], rows, "<<<>")


def add_reproduce(group: typer.Typer) -> None:
    """Add the command to the group."""
    register(group, "reproduce", group="runs", closing="Nothing was compared.")(reproduce)


def reproduce(
    options: Again,
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="An id, its start, latest, or latest:SCENARIO.")
    ],
    tolerance: Annotated[
        float | None,
        typer.Option(
            "--tolerance",
            metavar="SHARE",
            min=0.0,
            help="Largest difference, as a share of the largest number of a column. Default: 1e-6.",
        ),
    ] = None,
) -> Answer:
    """Solve a run again from its record and compare every table; 6 if a number moved."""
    from supplychain.runs.catalogue import need_run, read_past
    from supplychain.runs.run_diff import TOLERANCE
    from supplychain.study.reproduce import reproduce as again

    settings = resolve(options, os.environ, Path.cwd())
    recorded = read_past(need_run(run, settings.out))
    with (
        step("reproduce", str(recorded.record["id"])) as said,
        Progress(recorded.scenario, quiet=options.quiet) as progress,
    ):
        found = again(
            recorded,
            data=options.data,
            overlays=options.overlay or (),
            out=settings.out,
            threads=settings.threads,
            tolerance=TOLERANCE if tolerance is None else tolerance,
            on_progress=progress,
        )
        said["moved"] = [table.table for table in found.moved]
    return _reproduced(found)


def _reproduced(found: Reproduction) -> Answer:
    from supplychain.report.text.run_text import tables_text

    record = found.recorded.record
    then, now = found.loss
    parts = [
        f"Run {record['id']} of {found.recorded.scenario}, solved again from its record.",
        "\n".join(differing(found)),
        f"Value added lost: {million(then)} M USD then, {million(now)} M USD now.",
        tables_text(found.tables, found.tolerance),
    ]
    problems = _problems(found)
    data = {
        "run": record["id"],
        "again": found.again.record["id"],
        "reproduced": not found.moved,
        "data": {"changed": found.data is not None, "then": record["data"]["hash"],
                 "now": found.again.record["data"]["hash"], "kept": found.kept},
        "versions": {k: {"then": a, "now": b} for k, (a, b) in found.versions.items()},
        "lost_value_usd": {"then": then, "now": now},
        "tables": [table.as_json() for table in found.tables],
        "tolerance": found.tolerance,
    }  # fmt: skip
    code = ExitCode.CHECK_FAILED if problems else ExitCode.DONE
    return Answer("\n\n".join(parts), data, problems=problems, code=code)


def _problems(found: Reproduction) -> list[Problem]:
    if not found.moved:
        return []
    causes = [name for name, is_so in (("data", found.data), ("versions", found.versions)) if is_so]
    why = (
        f"; {' and '.join(causes)} changed since" if causes else ", with the same data and versions"
    )
    names = ", ".join(table.table for table in found.moved)
    return [problem("RUN-201", f"The run did not come out the same: {names} moved{why}.")]
