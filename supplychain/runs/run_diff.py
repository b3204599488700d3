"""How the tables of two runs differ, to a stated tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from pandas import DataFrame
from pandas.api.types import is_bool_dtype, is_numeric_dtype

TOLERANCE = 1e-6
"""Two numbers are the same if they differ by no more than this share of the largest number of
their column. Rows that only one side has stand against zero."""


INPUTS = ("data_changes",)
"""Tables that say what a run was made from: one that a run has not is told among the inputs."""


@dataclass(frozen=True)
class TableDifference:
    """How one table differs between two runs.

    `largest` is the largest difference as a share of the largest number of its column, at `column`
    in the row `where`; `old` and `new` are the two numbers. `rows` counts the rows that differ.
    """

    table: str
    same: bool
    rows: int = 0
    largest: float = 0.0
    column: str = ""
    where: str = ""
    old: float | None = None
    new: float | None = None
    words: str = ""

    def as_json(self) -> dict[str, object]:
        """The shape of an entry of `tables` in `runs diff --json`."""
        return asdict(self)


def table_differences(
    one: Mapping[str, DataFrame], other: Mapping[str, DataFrame], tolerance: float = TOLERANCE
) -> list[TableDifference]:
    """Compare every table of results that one of two runs has, by the words of its rows."""
    found = []
    for name in dict.fromkeys([*one, *other]):
        if name in INPUTS and not (name in one and name in other):
            continue
        if name not in one or name not in other:
            words = "only in the new run" if name in other else "only in the old run"
            found.append(TableDifference(name, False, words=words))
        elif list(one[name].columns) != list(other[name].columns):
            found.append(TableDifference(name, False, words="other columns"))
        else:
            found.append(_compared(name, one[name], other[name], tolerance))
    return found


def _compared(name: str, one: DataFrame, other: DataFrame, tolerance: float) -> TableDifference:
    numbers = [c for c in one.columns if _numeric(one[c]) and _numeric(other[c])]
    keys = [c for c in one.columns if c not in numbers]
    joined = _joined(one, other, keys)
    alone = int((joined["_merge"] != "both").sum())
    if not numbers:
        words = "rows that only one of the two has" if alone else ""
        return TableDifference(name, alone == 0, alone, words=words)
    shares = DataFrame({c: _shares(joined, c) for c in numbers})
    worst = shares.max(axis=1)
    rows = int((worst > tolerance).sum())
    if shares.empty or not float(worst.max()) > 0.0:
        return TableDifference(name, True)
    row = int(worst.to_numpy().argmax())
    column = str(shares.iloc[row].idxmax())
    cells = (str(joined[key].iloc[row]) for key in keys if key != "scenario")
    where = ", ".join(filter(None, cells))
    old, new = (_number(joined[f"{column}{side}"].iloc[row]) for side in ("_old", "_new"))
    largest = float(worst.iloc[row])
    return TableDifference(name, rows == 0, rows, largest, column, where, old, new)


def _numeric(column: pd.Series) -> bool:
    """Whether a column holds numbers; one that is blank throughout may be either."""
    if is_bool_dtype(column):
        return False
    return is_numeric_dtype(column) or bool(column.isna().all())


def _joined(one: DataFrame, other: DataFrame, keys: list[str]) -> DataFrame:
    """The rows of both side by side; rows with equal words are paired in their order."""
    sides = []
    for frame in (one, other):
        side = frame.copy()
        for key in keys:
            side[key] = side[key].astype(object).where(side[key].notna(), "").astype(str)
        side["_place"] = side.groupby(keys).cumcount() if keys else range(len(side))
        sides.append(side)
    return sides[0].merge(
        sides[1], on=[*keys, "_place"], how="outer", suffixes=("_old", "_new"), indicator=True
    )


def _shares(joined: DataFrame, column: str) -> pd.Series:
    """Differences of a column as shares of its largest number; infinite for a blank and a number.

    What a side has no row for counts as zero, or as blank where the other is.
    """
    sides = []
    for side, gone in (("_old", "right_only"), ("_new", "left_only")):
        values = pd.to_numeric(joined[f"{column}{side}"]).astype(float)
        sides.append(values.where(joined["_merge"] != gone, 0.0))
    old, new = sides
    scale = float(np.nanmax(np.abs(np.concatenate([old, new, [0.0]]))))
    share = (new - old).abs() / (scale or 1.0)
    one_blank = (old.isna() ^ new.isna()) & (joined["_merge"] == "both")
    return share.fillna(0.0).mask(one_blank, np.inf)


def _number(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]
