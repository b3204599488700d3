"""Results on disk with their pages, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from supplychain.formatting import json_value
from supplychain.runs.run_folder import PAGE

if TYPE_CHECKING:
    from pandas import DataFrame

    from supplychain.ensemble.members import Member
    from supplychain.ensemble.solve_ensemble import MemberFolder
    from supplychain.ensemble.solve_member import Setup
    from supplychain.runs.run_schema import Run
    from supplychain.study.hindcast import Hindcast
    from supplychain.study.measure_ranking import Ranking
    from supplychain.study.stress_test import StressTest

TABLES = "tables"


def save_run(run: Run, out: Path, *, force: bool = False) -> Run:
    """Write a run to `<out>/<scenario>/` and return it with its folder and the seconds it took.

    Raises:
        InvalidInput: that folder holds something else than a run, and `force` is not set.
        Busy: another process is writing the same run.
        OSError: the folder cannot be written.
    """
    from supplychain.files import folder_name, inside, whole_folder
    from supplychain.report.pages.run_page import write_run_page
    from supplychain.runs.provenance import peak_memory_mb, sealed
    from supplychain.runs.run_folder import staying
    from supplychain.runs.run_package import write_package
    from supplychain.runs.run_store import refuse_foreign, write_record, write_tables

    target = inside(out, folder_name(run.scenario))
    refuse_foreign(target, force=force)
    with whole_folder(target, staying=staying(str(run.record["id"]))) as part:
        started = perf_counter()
        write_tables(run.tables, part / TABLES, run.record)
        written = perf_counter()
        write_run_page(run, part / PAGE)
        seconds = {"write": written - started, "report": perf_counter() - written}
        record = {
            **run.record,
            "seconds": {**run.record["seconds"], **seconds},
            "peak_memory_mb": max(run.record["peak_memory_mb"], peak_memory_mb()),
        }
        record = sealed(record, part)
        write_package(replace(run, record=record), part)
        write_record(record, part)
    return replace(run, record=record, folder=target)


def write_beside(page: Path, name: str, table: DataFrame) -> list[Path]:
    """Write a table beside the page that shows it, as CSV and as Parquet."""
    from supplychain.files import whole_file
    from supplychain.runs.run_store import write_csv, write_table

    files = [page.with_name(f"{page.stem}-{name}.{kind}") for kind in ("csv", "parquet")]
    with whole_file(files[0], same_stays=True) as part:
        write_csv(table, part)
    with whole_file(files[1], same_stays=True) as part:
        write_table(table, part)
    return files


def write_measures(found: Ranking, out: Path) -> list[Path]:
    """Write what was found of measures: the page, and beside it the same for a program.

    Where the run that they were put on lies in the results folder, its page tells what would help.

    Raises:
        OSError: a file cannot be written; what was there stays.
    """
    from supplychain.files import inside, whole_file
    from supplychain.report.pages.measures_page import write_measures_page
    from supplychain.study.measure_ranking import as_json

    name = f"measures-{found.asked.scenario.name}"
    files = [inside(out, f"{name}.{kind}") for kind in ("html", "json")]
    with whole_file(files[0]) as part:
        write_measures_page(found, part)
    with whole_file(files[1]) as part:
        text = json.dumps(json_value(as_json(found)), indent=2, allow_nan=False)
        part.write_text(f"{text}\n", encoding="utf-8")
    told = _tell_run_page(found, out)
    return [*files, told] if told else files


def _tell_run_page(found: Ranking, out: Path) -> Path | None:
    """Write the page of the base run again with what would help, if it lies there."""
    from supplychain.files import inside, whole_file
    from supplychain.report.pages.run_page import write_run_page
    from supplychain.runs.records import read_run_record
    from supplychain.runs.run_store import read_run

    folder = inside(out, found.asked.scenario.name)
    try:
        record = read_run_record(folder)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if record["id"] != found.base.id:
        return None
    with whole_file(folder / PAGE) as part:
        write_run_page(read_run(folder), part, found)
    return folder / PAGE


def page_of(run: Run) -> Path:
    """Where the page of a written run lies."""
    assert run.folder is not None
    return run.folder / PAGE


def pages_of(runs: Sequence[Run]) -> list[Path]:
    """The pages of written runs; a run in the store has none."""
    return [page for run in runs if (page := page_of(run)).is_file()]


def save_ensemble(
    setup: Setup,
    members: Sequence[Member],
    kept: MemberFolder,
    target: Path,
    screen: Callable[[Path], DataFrame] | None = None,
    *,
    with_drivers: bool = True,
) -> tuple[Mapping[str, Any], dict[str, DataFrame]]:
    """Sum up the members and write tables, record and page of an ensemble to its folder.

    `screen` makes the table `morris` from the folder of the tables.

    Raises:
        InvalidInput: no member was solved.
        OSError: the folder cannot be written; an older ensemble stays.
    """
    from supplychain.ensemble.ensemble_record import FILE, TABLES, make_record, write_drawn
    from supplychain.ensemble.ensemble_summary import add_summary
    from supplychain.files import whole_folder, write_json
    from supplychain.report.pages.ensemble_page import write_ensemble_page
    from supplychain.runs.run_folder import foreign_files
    from supplychain.runs.run_store import write_tables

    with whole_folder(target, staying=foreign_files) as part:
        folder = part / TABLES
        frames = write_drawn(setup, members, kept, folder)
        frames |= add_summary(folder, setup.definition.seed, with_drivers=with_drivers)
        if screen is not None:
            frames["morris"] = screen(folder)
            write_tables({"morris": frames["morris"]}, folder)
        record = make_record(setup, frames, kept)
        write_json(record, part / FILE)
        write_ensemble_page(record, frames, part / PAGE)
    return record, frames


def saved_ensemble(
    setup: Setup, target: Path
) -> tuple[Mapping[str, Any], dict[str, DataFrame]] | None:
    """Record and tables of the ensemble on disk, if it is the one that is asked for."""
    from supplychain.ensemble.ensemble_record import FILE, TABLES
    from supplychain.ensemble.solve_ensemble import key_of
    from supplychain.errors import InvalidInput
    from supplychain.progress import announce
    from supplychain.runs.records import in_short, read_ensemble_record
    from supplychain.runs.run_store import read_tables_in

    if not (target / FILE).is_file():
        return None
    try:
        record = read_ensemble_record(target / FILE)
    except InvalidInput as damaged:
        announce(f"{target.as_posix()}: {in_short(damaged)}. It is made again.")
        return None
    if record["key"] != key_of(setup):
        return None
    asked = setup.definition
    sizes = (record["definition"]["members"], record["definition"]["pairs"], record["title"])
    if sizes != (asked.members, asked.pairs, asked.title):
        return None
    try:
        return record, read_tables_in(target / TABLES, leave_out=["losses"])
    except InvalidInput as damaged:
        announce(f"{damaged.message} It is made again.")
        return None


def write_hindcast(found: Hindcast, out: Path) -> list[Path]:
    """Write the page and the series beside the run, each file whole."""
    from supplychain.files import inside, whole_file
    from supplychain.report.pages.hindcast_page import write_hindcast_page
    from supplychain.study.hindcast import as_json

    page, series, whole = (inside(out, f"hindcast.{kind}") for kind in ("html", "csv", "json"))
    with whole_file(page) as part:
        write_hindcast_page(found, part)
    with whole_file(series) as part:
        unit = found.episode.unit
        head = f"series,destination,month,until,observed_{unit},modelled_{unit},error\n"
        part.write_text(
            head + "".join(map(_hindcast_line, found.points)), encoding="utf-8", newline="\n"
        )
    with whole_file(whole) as part:
        text = json.dumps(json_value(as_json(found)), indent=2, allow_nan=False)
        part.write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return [page, series, whole]


def _hindcast_line(point: object) -> str:
    from supplychain.study.hindcast import Point

    assert isinstance(point, Point)
    seen = "" if point.observed is None else f"{point.observed:g}"
    error = "" if point.error is None else f"{point.error:.4f}"
    words = (point.series, point.destination, point.month, point.until)
    return ",".join([*words, seen, f"{point.modelled:.3f}", error]) + "\n"


def save_stress_test(found: StressTest, target: Path) -> list[Path]:
    """Write page, record and tables of a stress test to its folder, whole; the page comes first.

    Raises:
        Busy: another process is writing the same folder.
        OSError: the folder cannot be written.
    """
    from supplychain.files import whole_folder, write_json
    from supplychain.report.pages.survive_page import write_survive_page
    from supplychain.runs.run_store import write_csv

    tables = found.tables()
    ours = [PAGE, "survive.json", *(f"{name}.csv" for name in tables)]
    with whole_folder(target, staying=lambda old: _others(old, ours)) as part:
        write_survive_page(found, part / PAGE)
        record = {
            **found.asked,
            "nodes": json_value(tables["nodes"].to_dict("records")),
        }
        write_json(record, part / "survive.json")
        for name, frame in tables.items():
            write_csv(frame, part / f"{name}.csv")
    return [target / name for name in ours]


def _others(folder: Path, ours: Sequence[str]) -> list[str]:
    """Files of a folder that a stress test does not write."""
    return [file.name for file in folder.iterdir() if file.name not in ours]
