"""Small table operations that the figures share."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd


def totals(frame: pd.DataFrame, keys: list[str], amounts: list[str]) -> pd.DataFrame:
    """Sum amounts by keys, in the order of the keys.

    >>> frame = pd.DataFrame({"region": ["b", "a", "b"], "tonnes": [1.0, 2.0, 3.0]})
    >>> totals(frame, ["region"], ["tonnes"]).to_dict("records")
    [{'region': 'a', 'tonnes': 2.0}, {'region': 'b', 'tonnes': 4.0}]
    """
    return frame.groupby(keys, sort=True)[amounts].sum().reset_index()


def groups(frame: pd.DataFrame, *keys: str) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
    """Yield the rows of each combination of keys, in order, with the keys as text.

    >>> frame = pd.DataFrame({"region": ["b", "a", "b"], "tonnes": [1.0, 2.0, 3.0]})
    >>> [(key, len(rows)) for key, rows in groups(frame, "region")]
    [(('a',), 1), (('b',), 2)]
    """
    for key, rows in frame.groupby(list(keys), sort=True):
        parts = key if isinstance(key, tuple) else (key,)
        yield tuple(str(part) for part in parts), rows


def filled(frame: pd.DataFrame, column: str) -> pd.Series[bool]:
    """Say which rows have a text in the column (blank and missing both mean none).

    >>> filled(pd.DataFrame({"customer": ["x", "", None]}), "customer").to_list()
    [True, False, False]
    """
    return frame[column].fillna("").astype(str) != ""


def ranked(series: pd.Series[float]) -> list[str]:
    """Return the labels of a series, largest value first, equal ones by name.

    >>> ranked(pd.Series({"b": 2.0, "c": 1.0, "a": 2.0}))
    ['a', 'b', 'c']
    """
    ordered = series.sort_index().sort_values(ascending=False, kind="stable")
    return [str(label) for label in ordered.index]
