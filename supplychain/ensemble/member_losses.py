"""The losses of all members as arrays: read from the tables of an ensemble in small parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from supplychain.errors import InvalidInput, problem
from supplychain.runs.run_store import rows_of

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Tables = Path | Mapping[str, DataFrame]
"""A folder of Parquet files, or the same tables as frames."""

ALL_SECTORS, ALL_REGIONS = "all", "ALL"
BLOCK = 128
"""Members that are read at a time, so that memory does not grow with what is read."""

PATH, HELD = "path", "held"

LEAST = 1e-6
"""Less than this part of a week's plan is rounding of the solver and counts as no loss."""


LOST = f"""
    CASE WHEN l.lost_value_usd > {LEAST} * l.planned_value_usd THEN l.lost_value_usd ELSE 0 END"""


@dataclass(frozen=True)
class Losses:
    """What every solved member loses.

    Arrays are over members, sectors (the last is all of them), regions (the last is all of them)
    and weeks. `usd` is value added lost, `share` its part of the plan's value. `first_stop` is the
    place of the first week in which a line has stopped, the number of weeks where
    there is none. `planned` is the plan's value over all weeks, USD, mean over members, by sector
    and region. `present` says which pairs of sector and region have customers. `held` is the loss
    over all weeks by sector of the members in `held_members` with the starting regime held, and
    `held_stops` whether a line stops then.
    """

    members: Integers
    sectors: tuple[str, ...]
    regions: tuple[str, ...]
    weeks: tuple[str, ...]
    usd: Floats
    share: NDArray[np.float32]
    first_stop: Integers
    planned: Floats
    present: NDArray[np.bool_]
    held_members: Integers
    held: Floats
    held_stops: NDArray[np.bool_]

    @property
    def total(self) -> Floats:
        """Loss over all weeks, USD, by member, sector and region."""
        found: Floats = self.usd.sum(axis=3)
        return found

    @property
    def pairs(self) -> Iterator[tuple[int, int]]:
        """Places of the pairs of sector and region that have customers, in order."""
        return ((int(s), int(r)) for s, r in np.argwhere(self.present))


@contextmanager
def opened(tables: Tables) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection in which every table is a view of its name."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        if isinstance(tables, Path):
            for file in sorted(tables.glob("*.parquet")):
                connection.execute(f'CREATE VIEW "{file.stem}" AS SELECT * FROM {rows_of(file)}')
        else:
            for name, table in tables.items():
                connection.register(name, table)
        yield connection


def read_losses(connection: duckdb.DuckDBPyConnection) -> Losses:
    """Read the losses of all members that were solved.

    Raises:
        InvalidInput: no member was solved, or a member lacks some of its rows.
    """
    solved = "SELECT member FROM members WHERE status = 'solved'"
    members = _column(connection, f"{solved} ORDER BY member").astype(np.int64)
    if not len(members):
        message = "No member of the ensemble was solved."
        hint = "The reasons are in the table members."
        raise InvalidInput(message, [problem("ENS-603", message, hint=hint)])
    names = {
        key: tuple(str(v) for v in _distinct(connection, key))
        for key in ("sector", "region", "week")
    }
    _code(connection, "member", members.tolist())
    for key, values in names.items():
        _code(connection, key, list(values))
    shape = (len(members), *(len(names[k]) for k in ("sector", "region", "week")))
    arrays = _path_arm(connection, shape, members)
    held = _held_arm(connection, shape[1])
    return Losses(
        members,
        (*names["sector"], ALL_SECTORS),
        (*names["region"], ALL_REGIONS),
        names["week"],
        *arrays,
        *held,
    )


def _column(connection: duckdb.DuckDBPyConnection, query: str) -> NDArray[Any]:
    rows = connection.execute(query).fetchall()
    return np.array([row[0] for row in rows])


def _distinct(connection: duckdb.DuckDBPyConnection, key: str) -> list[Any]:
    query = f"SELECT DISTINCT {key} FROM losses WHERE arm = '{PATH}' ORDER BY {key}"
    return [row[0] for row in connection.execute(query).fetchall()]


def _code(connection: duckdb.DuckDBPyConnection, key: str, values: list[Any]) -> None:
    """Make a table that gives every key its place."""
    frame = DataFrame({key: values, "code": np.arange(len(values))})
    connection.register(f"code_{key}", frame)


def _path_arm(
    connection: duckdb.DuckDBPyConnection, shape: tuple[int, ...], members: Integers
) -> tuple[Floats, NDArray[np.float32], Integers, Floats, NDArray[np.bool_]]:
    """Read the members as drawn: value lost, share of plan, first stops, plans, who is there."""
    count, sectors, regions, weeks = shape
    usd = np.zeros((count, sectors + 1, regions + 1, weeks))
    share = np.zeros(usd.shape, np.float32)
    first = np.full(usd.shape[:3], weeks, np.int64)
    present = np.zeros(usd.shape[1:3], bool)
    plans = np.zeros(usd.shape[1:3])
    for begin in range(0, count, BLOCK):
        part = slice(begin, min(begin + BLOCK, count))
        rows = _block(connection, int(members[part][0]), int(members[part][-1]))
        place = (rows["m"] - begin, rows["s"], rows["r"], rows["w"])
        present[rows["s"], rows["r"]] = True
        _complete(np.bincount(place[0], minlength=part.stop - begin), members[part])
        usd[(place[0] + begin, *place[1:])] = rows["lost"]
        planned = np.zeros((part.stop - begin, *usd.shape[1:]))
        planned[place] = rows["planned_value_usd"]
        stopped = np.zeros(planned.shape, bool)
        stopped[place] = rows["stopped"]
        for array in (usd[part], planned):
            array[:, -1, :-1] = array[:, :-1, :-1].sum(axis=1)
            array[:, :, -1] = array[:, :, :-1].sum(axis=2)
        stopped[:, -1, :-1] = stopped[:, :-1, :-1].any(axis=1)
        stopped[:, :, -1] = stopped[:, :, :-1].any(axis=2)
        plans += planned.sum(axis=(0, 3)) / count
        share[part] = np.divide(usd[part], planned, where=planned > 0, out=np.zeros_like(planned))
        first[part] = np.where(stopped.any(axis=3), stopped.argmax(axis=3), weeks)
    present[-1, :-1] = present[:-1, :-1].any(axis=0)
    present[:, -1] = present[:, :-1].any(axis=1)
    return usd, share, first, plans, present


def _block(
    connection: duckdb.DuckDBPyConnection, low: int, high: int
) -> Mapping[str, NDArray[Any]]:
    query = f"""
        SELECT m.code AS m, s.code AS s, r.code AS r, w.code AS w,
               {LOST} AS lost, l.planned_value_usd, l.stopped
        FROM losses l JOIN code_member m USING (member) JOIN code_sector s USING (sector)
             JOIN code_region r USING (region) JOIN code_week w USING (week)
        WHERE l.arm = '{PATH}' AND l.member BETWEEN {low} AND {high}"""
    found: Mapping[str, NDArray[Any]] = connection.execute(query).fetchnumpy()
    return found


def _complete(rows: NDArray[Any], members: Integers) -> None:
    """Zeros are written, so every member has as many rows as the others."""
    short = members[rows < rows.max(initial=1)]
    if len(short):
        message = f"Rows of the table losses are missing for member {short[0]}."
        hint = "Run the ensemble again with --resume, or without the damaged file."
        raise InvalidInput(message, [problem("ENS-604", message, hint=hint)])


def _held_arm(
    connection: duckdb.DuckDBPyConnection, sectors: int
) -> tuple[Integers, Floats, NDArray[np.bool_]]:
    """Read what members lose with the starting regime held, by sector and in all, and stops."""
    query = f"""
        SELECT l.member, s.code AS s,
               sum({LOST} ORDER BY l.region, l.week) AS usd,
               bool_or(l.stopped) AS stops
        FROM losses l JOIN code_sector s USING (sector) JOIN code_member m USING (member)
        WHERE l.arm = '{HELD}' GROUP BY ALL ORDER BY ALL"""
    rows = connection.execute(query).fetchnumpy()
    members = np.unique(rows["member"]).astype(np.int64)
    held = np.zeros((len(members), sectors + 1))
    held[np.searchsorted(members, rows["member"]), rows["s"]] = rows["usd"]
    held[:, -1] = held[:, :-1].sum(axis=1)
    stops = np.zeros(held.shape, bool)
    stops[np.searchsorted(members, rows["member"]), rows["s"]] = rows["stops"]
    stops[:, -1] = stops[:, :-1].any(axis=1)
    return members, held, stops
