"""One window's linear programme as an MPS or LP file, with names that can be read."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import highspy
import numpy as np

from supplychain.errors import InvalidInput, SupplychainError, problem
from supplychain.files import refuse_in_the_way, whole_file
from supplychain.model.components import CONSTRAINTS, VARIABLES, Component
from supplychain.model.object_keys import names
from supplychain.model.window import Window
from supplychain.solve.highs import as_lp, new_highs
from supplychain.solve.standard_form import NONE, Ids, StandardForm, limits

FORMATS = (".mps", ".lp")


@dataclass(frozen=True)
class ModelFile:
    """Which window of a run is to be written, the first being 1, and where."""

    file: Path
    window: int = 1


def check_files(model: ModelFile | None, log: Path | None, *, force: bool) -> None:
    """Make sure that the files for a solver's friends may be written, before anything is solved.

    Raises:
        InvalidInput: the format is unknown, or something lies there and `force` is not set; all
            problems are listed.
    """
    found = []
    if model is not None and model.file.suffix.lower() not in FORMATS:
        message = f'"{model.file.name}" is neither an .mps nor an .lp file.'
        found.append(problem("SOLVE-105", message, hint="Name a file that ends in .mps or .lp."))
    wanted = [log] if log is not None else []
    for file in [model.file, *wanted] if model is not None else wanted:
        refuse_in_the_way(file, folder=False)
        if file.exists() and not force:
            hint = "Name another file, or add --force to replace it."
            found.append(problem("SETUP-106", "is there already.", file=str(file), hint=hint))
    if found:
        raise InvalidInput("The files of the solver cannot be written.", found)


def check_window(model: ModelFile, windows: int) -> None:
    """Make sure that a run has the window that is to be written.

    Raises:
        InvalidInput: it has fewer.
    """
    if not 1 <= model.window <= windows:
        message = f"there is no window {model.window}; the run has {windows}."
        hint = f"Give --window a number from 1 to {windows}."
        raise InvalidInput("No model can be written.", [problem("SOLVE-106", message, hint=hint)])


def write_model(form: StandardForm, window: Window, file: Path) -> None:
    """Write the whole programme of a window, whole or not at all.

    The format follows from the file's ending. Names are those of docs/model.md with the words of
    the index: `delivery.ndfeb_heavy.CHN.auto_bev_eur.usual.p03` departs in the fourth period.

    Raises:
        SupplychainError: the solver's library did not write it.
        OSError: the file cannot be written.
    """
    solver = new_highs()
    solver.passModel(named_programme(form, window))
    with whole_file(file) as part, tempfile.TemporaryDirectory() as room:
        made = Path(room) / f"model{file.suffix.lower()}"
        if solver.writeModel(str(made)) == highspy.HighsStatus.kError or not made.is_file():
            raise SupplychainError(f"HiGHS did not write {file.as_posix()}.")
        shutil.copyfile(made, part)


def named_programme(form: StandardForm, window: Window) -> highspy.HighsLp:
    """The programme of a window before presolve, its rows and columns named."""
    now = limits(form, window)
    lp = as_lp(form.matrix, now.cost, now.column_upper, now.row_lower, now.row_upper)
    lp.model_name_ = "supplychain"
    rows, columns = form.matrix.shape
    lp.row_names_ = labels(form, CONSTRAINTS, form.rows, rows)
    lp.col_names_ = labels(form, VARIABLES, form.columns, columns)
    return lp


def labels(
    form: StandardForm, components: tuple[Component, ...], ids: Mapping[str, Ids], count: int
) -> list[str]:
    """A name for each row or column: its component and the words of its index.

    Raises:
        AssertionError: one has no name, or two have the same.
    """
    found = [""] * count
    for component in components:
        for place, label in _labelled(form, component, ids[component.name]):
            found[place] = label
    assert all(found)
    assert len(set(found)) == count
    return found


def _labelled(form: StandardForm, component: Component, ids: Ids) -> Iterator[tuple[int, str]]:
    keys = names(form.network)[component.over[0]]
    rest = component.over[1:]
    for at in zip(*np.nonzero(ids != NONE), strict=True):
        words = [component.name, *map(plain_word, keys[at[0]])]
        words += [f"{word[0]}{place:02d}" for word, place in zip(rest, at[1:], strict=False)]
        yield int(ids[at]), ".".join(words)


def plain_word(word: object) -> str:
    """A word as every reader of MPS and LP files takes it.

    >>> plain_word("ndfeb-heavy"), plain_word("cn-2025/18 x")
    ('ndfeb_heavy', 'cn_2025_18_x')
    """
    return re.sub(r"[^A-Za-z0-9_]", "_", str(word))
