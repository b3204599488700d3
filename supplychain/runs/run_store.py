"""Runs on disk: run.json beside one Parquet file a table, written whole or not at all."""

from __future__ import annotations

import errno
import glob
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
from pandas import DataFrame

from supplychain.errors import InvalidInput, problem
from supplychain.files import refuse_in_the_way, write_json
from supplychain.formatting import no_formula, visible
from supplychain.runs.provenance import TABLES, sealed
from supplychain.runs.records import RUN_RECORD as RECORD
from supplychain.runs.records import read_run_record
from supplychain.runs.run_package import write_package
from supplychain.runs.run_schema import Run, table_attributes

PANDAS_ATTRIBUTES = "PANDAS_ATTRS"

REFUSALS = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS, errno.EIO)
"""What the operating system may answer while a table is written; duckdb tells it in words alone."""


def write_tables(
    tables: Mapping[str, DataFrame], folder: Path, record: Mapping[str, Any] | None = None
) -> None:
    """Write every table as <folder>/<name>.parquet, the same bytes for the same rows.

    With the record of their run, dates are written as dates, and each file says in its metadata
    what run it is of and what its columns hold (`table_attributes`).

    Raises:
        OSError: the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for name, table in sorted(tables.items()):
            known = table_attributes(name, table, record) if record else {}
            _copy(connection, table, folder / f"{name}.parquet", known)


def write_table(table: DataFrame, file: Path) -> None:
    """Write one table as Parquet.

    Raises:
        OSError: the disk is full.
    """
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        _copy(connection, table, file)


def rows_of(*files: Path) -> str:
    """What SQL reads the rows of Parquet files from: of these files, whatever their names hold.

    DuckDB takes a path for a pattern, `~` for a home, and `key=value` in it for a column.
    """
    places = ", ".join(_quoted(glob.escape(str(file.absolute()))) for file in files)
    return f"read_parquet([{places}], hive_partitioning = false)"


def copied_to(file: Path, attributes: Mapping[str, Any] | None = None) -> str:
    """What SQL copies rows to: one Parquet file, the same bytes for the same rows.

    Attributes go into the metadata under the key that pandas reads as `DataFrame.attrs`.
    """
    said = ""
    if attributes:
        text = _quoted(json.dumps(attributes, sort_keys=True, ensure_ascii=False))
        said = f", KV_METADATA {{{PANDAS_ATTRIBUTES}: {text}}}"
    return f"TO {_quoted(str(file.absolute()))} (FORMAT parquet, COMPRESSION zstd{said})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _copy(
    connection: duckdb.DuckDBPyConnection,
    table: DataFrame,
    file: Path,
    attributes: Mapping[str, Any] | None = None,
) -> None:
    """Write a table; its attributes say which columns hold dates, and go into the metadata."""
    known = attributes or {}
    typed = [
        f"CAST(nullif(CAST({name} AS VARCHAR), '') AS DATE) AS {name}"
        for name in map(_name, known.get("dates", ()))
    ]
    if known and table.empty:  # pandas knows no type of what is not there
        typed += [
            f"CAST({_name(column)} AS {'DOUBLE' if unit else 'VARCHAR'}) AS {_name(column)}"
            for column, unit in known["units"].items()
        ]
    replaced = f"REPLACE ({', '.join(typed)})" if typed else ""
    rows = f"SELECT * {replaced} FROM rows_of_table"
    connection.register("rows_of_table", table)
    try:
        connection.execute(f"COPY ({rows}) {copied_to(file, known)}")
    except duckdb.IOException as failed:
        number = next((n for n in REFUSALS if os.strerror(n) in str(failed)), None)
        if number is None:
            raise
        raise OSError(number, os.strerror(number)) from failed
    connection.unregister("rows_of_table")


def write_csv(table: DataFrame, file: Path, mark: str = "'") -> None:
    """Write one table as CSV for spreadsheets: a text stays a text, whatever it begins with.

    `mark` stands before what would be a formula.

    Raises:
        OSError: the disk is full.
    """
    words = table.select_dtypes(exclude="number").columns

    def as_text(cell: object) -> object:
        return no_formula(visible(cell), mark) if isinstance(cell, str) else cell

    shown = table.assign(**{name: table[name].map(as_text) for name in words})
    shown.to_csv(file, index=False, lineterminator="\n", encoding="utf-8")


def write_record(record: Mapping[str, Any], folder: Path) -> None:
    """Write run.json."""
    write_json(record, folder / RECORD)


def write_run(run: Run, folder: Path) -> None:
    """Write a run's tables and record into a folder (made whole by `folder.whole_folder`).

    The record gets the time of writing and the sums of the tables; datapackage.json says to other
    tools what they hold.
    """
    write_tables(run.tables, folder / TABLES, run.record)
    record = sealed(run.record, folder)
    write_package(replace(run, record=record), folder)
    write_record(record, folder)


def read_run(folder: Path) -> Run:
    """Read a run back; a table that somebody else put beside its own is none of it.

    Raises:
        InvalidInput: there is no run in the folder, or its record or a table cannot be read.
    """
    try:
        record = read_run_record(folder)
    except FileNotFoundError as missing:
        raise InvalidInput(
            f"{folder} holds no run.",
            [
                problem(
                    "RUN-101",
                    f"{RECORD} is not there.",
                    file=str(folder),
                    hint="Name a folder that `supplychain run` wrote.",
                )
            ],
        ) from missing
    written = record.get("sums")
    there = {path.stem for path in (folder / TABLES).glob("*.parquet")}
    others = there - set(written) if written else set()
    return Run(record, read_tables_in(folder / TABLES, others), folder)


def read_tables_in(folder: Path, leave_out: Collection[str] = ()) -> dict[str, DataFrame]:
    """Read the Parquet files of a folder, by name; dates as ISO texts, blank where there is none.

    Raises:
        InvalidInput: a table cannot be read.
    """
    tables: dict[str, DataFrame] = {}
    with duckdb.connect(":memory:") as connection:
        for path in sorted(folder.glob("*.parquet")):
            if path.stem in leave_out:
                continue
            try:
                tables[path.stem] = _read(connection, path)
            except duckdb.Error as broken:
                raise InvalidInput(
                    f"{folder.parent} holds a table that cannot be read.",
                    [
                        problem(
                            "RUN-103", str(broken), file=str(path), hint="Run the scenario again."
                        )
                    ],
                ) from broken
    return tables


def _read(connection: duckdb.DuckDBPyConnection, file: Path) -> DataFrame:
    found = connection.sql(f"SELECT * FROM {rows_of(file)}")
    days = [
        f"coalesce(strftime({name}, '%Y-%m-%d'), '') AS {name}"
        for name, kind in zip(map(_name, found.columns), found.types, strict=True)
        if str(kind) == "DATE"
    ]
    table: DataFrame = (found.select(f"* REPLACE ({', '.join(days)})") if days else found).df()
    return table


def refuse_foreign(target: Path, *, force: bool, record: str = RECORD) -> None:
    """Refuse to replace a folder that no run left, or nothing else with such a record.

    Raises:
        InvalidInput: it is a link or a file, or holds something, but no run.
    """
    refuse_in_the_way(target, folder=True)
    if force or not target.is_dir() or (target / record).is_file() or not any(target.iterdir()):
        return
    hint = "Name another folder with --out, or add --force to replace it."
    what = "run" if record == RECORD else "ensemble"
    found = problem("SETUP-111", f"this folder holds no {what}.", file=target.as_posix(), hint=hint)
    raise InvalidInput(f"The {what} was not written.", [found])
