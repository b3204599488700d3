"""Compiled structures kept on disk, so that a programme is stated and compiled once, not each time.

A structure follows from the network without the numbers that only cases read, the grid, the laws
that act, the code and the libraries. Read back it has the same bytes as compiled anew, and Pyomo
is not imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from importlib.metadata import version
from typing import Any

import numpy as np
from scipy.sparse import csc_array

from supplychain.model.window import Grid, Window
from supplychain.network.entities import Network
from supplychain.runs.kept_arrays import Arrays, code_sum, kept_or_made
from supplychain.runs.provenance import identity
from supplychain.solve.standard_form import StandardForm, compiled_part, idle_laws

ROOMS = ("network", "case", "model", "solve")
"""Rooms whose code a structure follows from."""
LIBRARIES = ("pyomo", "numpy", "scipy")
"""Libraries whose versions it follows from."""
MOST = 64
"""Structures kept, about a megabyte each for the shipped data: those that were used last."""
PARTS = ("indptr", "indices", "data")
PLAIN = ("cost", "row_lower", "row_upper")
COLUMNS, ROWS = "columns/", "rows/"


def structure_of(
    network: Network,
    grid: Grid,
    window: Window,
    idle: frozenset[str] | None = None,
    *,
    kept: bool,
) -> StandardForm:
    """The structure of a window's programme, from disk if it is kept there, else compiled.

    Args:
        network: what there is.
        grid: the window's periods.
        window: gives the numbers that the structure is stated with.
        idle: the laws that are left out; None: those that hold nothing in the window.
        kept: whether to look on disk, and to keep there what had to be compiled.
    """
    left_out = idle_laws(window) if idle is None else idle

    def made() -> StandardForm:
        from supplychain.solve.compile_structure import compile_standard_form

        return compile_standard_form(network, grid, window, left_out)

    if not kept:
        return made()
    key = structure_key(network, grid, left_out)
    what = "The compiled programme"
    return from_arrays(
        kept_or_made("structures", key, lambda: as_arrays(made()), what, MOST), network, grid
    )


def structure_key(network: Network, grid: Grid, idle: frozenset[str]) -> str:
    """Name a structure by all that it follows from."""
    return identity(
        {
            "network": _plain(compiled_part(network)),
            "grid": list(grid.lengths),
            "idle": sorted(idle),
            "versions": {name: version(name) for name in LIBRARIES},
            "code": code_sum(ROOMS),
        }
    )


def as_arrays(form: StandardForm) -> dict[str, np.ndarray[Any, Any]]:
    """A structure as arrays by name; network and grid are left out."""
    return {
        "shape": np.array(form.matrix.shape),
        **{name: getattr(form.matrix, name) for name in PARTS},
        **{name: getattr(form, name) for name in PLAIN},
        **{COLUMNS + name: ids for name, ids in form.columns.items()},
        **{ROWS + name: ids for name, ids in form.rows.items()},
    }


def from_arrays(arrays: Arrays, network: Network, grid: Grid) -> StandardForm:
    """A structure from its arrays."""
    indptr, indices, data = (arrays[name] for name in PARTS)
    rows, columns = arrays["shape"].tolist()
    return StandardForm(
        network=network,
        grid=grid,
        matrix=csc_array((data, indices, indptr), shape=(rows, columns)),
        **{name: arrays[name] for name in PLAIN},
        columns=_under(COLUMNS, arrays),
        rows=_under(ROWS, arrays),
    )


def _under(prefix: str, arrays: Arrays) -> dict[str, np.ndarray[Any, Any]]:
    return {n.removeprefix(prefix): ids for n, ids in arrays.items() if n.startswith(prefix)}


def _plain(thing: Any) -> Any:
    """Anything of a network as JSON can hold it; the order of what is ordered counts."""
    if is_dataclass(thing):
        return [type(thing).__name__, *(_plain(getattr(thing, f.name)) for f in fields(thing))]
    if isinstance(thing, Mapping):
        return [[_plain(key), _plain(value)] for key, value in thing.items()]
    if isinstance(thing, tuple | list):
        return list(map(_plain, thing))
    if isinstance(thing, frozenset | set):
        return sorted(map(_plain, thing))
    return thing.isoformat() if isinstance(thing, date) else thing
