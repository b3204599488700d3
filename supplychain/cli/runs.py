"""`supplychain runs`: the past runs; list, show, diff, prune, reproduce, reindex."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from supplychain.cli.answer import Answer
from supplychain.cli.command import register
from supplychain.cli.named import damage, need_run, read_past
from supplychain.cli.options import Results
from supplychain.cli.settings import resolve
from supplychain.cli.table import NONE, amount, counted, fits, million, percent, signed, table
from supplychain.errors import NothingMatched, nearest
from supplychain.results.entry import utc

if TYPE_CHECKING:
    from supplychain.results.catalogue import Catalogue
    from supplychain.results.difference import TableDifference
    from supplychain.results.entry import Entry
    from supplychain.results.run import Run

group = typer.Typer(
    help="The past runs: list, show, diff, prune, reproduce, reindex.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RUN = typer.Argument(metavar="RUN", help="An id, its start, latest, latest:SCENARIO, or a folder.")


def add(app: typer.Typer) -> None:
    """Add the commands to the application."""
    from supplychain.cli import pruning, reproducing

    pruning.add(group)
    reproducing.add(group)
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
    from supplychain.results.catalogue import open_catalogue

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

    said = [
        f"{entry.folder.as_posix()}: {entry.problem}. {damage(entry).hint}"
        for entry in found.damaged
    ]
    data = {**answer.data, "damaged": [entry.as_json() for entry in found.damaged]}
    return replace(answer, data=data, warnings=[*found.notes, *said])


def run_table(runs: Sequence[Entry]) -> str:
    """Runs as a table for the terminal; a narrow one shows neither data nor folder."""
    head = ["id", "scenario", "written, UTC", "from", "weeks", "M USD lost"]
    head += ["foresight", "allocation", "data", "folder"]
    rows = [_run_row(run) for run in runs]
    sides = "<<<<>><<"
    if not fits(head, rows, sides):
        head, rows, sides = head[:6], [row[:6] for row in rows], sides[:6]
    return table(head, rows, sides)


def _run_row(run: Entry) -> list[str]:
    return [
        run.id,
        f"{run.scenario} (damaged)" if run.problem else run.scenario,
        utc(run.written)[:16].replace("T", " "),
        run.start or NONE,
        str(run.weeks or NONE),
        million(run.lost_value_usd),
        run.foresight or NONE,
        run.allocation or NONE,
        run.data[:12] or NONE,
        run.folder.as_posix(),
    ]


@register(group, "show", group="runs")
def show(options: Results, run: Annotated[str, RUN]) -> Answer:
    """Say what a run is made of and what it lost."""
    from supplychain.results.catalogue import open_catalogue

    out = place(options)
    entry = need_run(run, out)
    record = json.loads((entry.folder / "run.json").read_text(encoding="utf-8"))
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


def headline_table(record: Mapping[str, Any]) -> str:
    """What each sector loses in the world."""
    sectors: Mapping[str, Any] = record.get("headline", {}).get("sectors", {})
    rows = [
        [name, percent(s["lost_share"]), million(s["lost_value_usd"]), s["first_week"] or NONE]
        for name, s in sectors.items()
    ]
    return table(["sector", "share", "M USD", "first week"], rows, "<>>")


@register(group, "diff", group="runs")
def diff(options: Results, one: Annotated[str, RUN], other: Annotated[str, RUN]) -> Answer:
    """Say how two runs differ: inputs, versions, what is lost, and which tables moved."""
    from supplychain.results.difference import TOLERANCE, table_differences
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
        _losses(first, second, ids),
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


def changed_versions(
    one: Mapping[str, Any], other: Mapping[str, Any]
) -> dict[str, tuple[str, str]]:
    """The versions that two records do not share."""
    then, now = one.get("versions", {}), other.get("versions", {})
    return {
        name: (str(then.get(name, NONE)), str(now.get(name, NONE)))
        for name in {**then, **now}
        if then.get(name) != now.get(name)
    }


def _losses(one: Run, other: Run, ids: Sequence[str]) -> str:
    """What each sector loses in the world in both runs."""
    before, after = (run.headline["sectors"] for run in (one, other))
    rows = []
    for sector in {**before, **after}:
        usd = [float(side.get(sector, {}).get("lost_value_usd") or 0.0) for side in (before, after)]
        first = [side.get(sector, {}).get("first_week") or NONE for side in (before, after)]
        rows.append([sector, *map(million, usd), signed(million(usd[1] - usd[0])), *first])
    head = ["sector", *(f"{name[:8]} M USD" for name in ids), "difference"]
    return table([*head, *(f"{name[:8]} from" for name in ids)], rows, "<>>>")


def tables_text(tables: Sequence[TableDifference], tolerance: float) -> str:
    """Which tables moved by more than the tolerance, and by how much."""
    moved = [found for found in tables if not found.same]
    largest = max((found.largest for found in tables if found.same), default=0.0)
    same = len(tables) - len(moved)
    are = f"{counted(same, 'table')} {'is' if same == 1 else 'are'} the same"
    most = f"the largest difference is {largest:.1g}" if largest else "to the last digit"
    said = f"{are} to {tolerance:g} of the largest number of a column; {most}."
    if not moved:
        return f"All {said}" if tables else "There are no tables."
    rows = [
        [
            found.table,
            f"{found.rows:,}" if found.rows else NONE,
            _share(found),
            found.column or NONE,
            found.words or found.where or NONE,
            amount(found.old),
            amount(found.new),
        ]
        for found in moved
    ]
    head = ["table that moved", "rows", "by share", "in", "where most", "old", "new"]
    return f"{table(head, rows, '<>><<>>')}\n\n{said}"


def _share(found: TableDifference) -> str:
    """The largest difference of a table in short."""
    if not found.column:
        return NONE
    return "blank" if isinf(found.largest) else f"{found.largest:.2g}"


@register(group, "reindex", group="runs")
def reindex(options: Results) -> Answer:
    """Make the catalogue afresh: read every run folder and check the sums of its tables."""
    from supplychain.results.catalogue import FILE, open_catalogue

    out = place(options)
    found = open_catalogue(out, afresh=True)
    text = f"{counted(len(found.runs), 'run')} in {counted(len(found.entries), 'folder')}."
    data = {"file": out / FILE, "runs": len(found.runs), "folders": len(found.entries)}
    return _with_damage(Answer(text, data), found)
