"""The same programme with fewer rows: exact substitutions, and the way back to values and duals.

Some laws only say how much of one variable lies beyond or below a mark: `usual_trade` and
`usual_purchase` (what is beyond pays a premium, what is missing costs too), `stock_target` and
`contracted_run` (what is missing pays), `cover_target` with `firm_stock` (a stock in layers, of
which what is used up pays). Such a row goes where the variable is written as a sum of parts, each
with its own limit and cost: x = T z + t. The better part fills first, so that the optimum is the
same. Rows that cannot bind in any window, and columns of nothing, go too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array, csr_array

from supplychain.solve.standard_form import NONE, Array, Ids, Limits, StandardForm

Flags = NDArray[np.bool_]

COST_SCALE = 128.0
"""The solver sees costs in units of a million USD over this: the smallest, the holding of cheap
oxides, would be below what HiGHS tells from nothing. A power of two rounds nothing."""

BANDS = (
    ("usual_trade", "flow", "surge", "short_trade"),
    ("usual_purchase", "delivery", "extra", "short_purchase"),
)
"""Law, variable, what is beyond the mark and what is below it."""
TARGETS = (("stock_target", "stock", "short_stock"), ("contracted_run", "run", "short_run"))
"""Law, variable and what is below the mark."""


@dataclass(frozen=True)
class Small:
    """Bounds and costs of the smaller programme."""

    row_lower: Array
    row_upper: Array
    column_upper: Array
    cost: Array
    constant: float
    """Million USD that the smaller programme leaves out of its objective."""


@dataclass(frozen=True)
class Marks:
    """Rows that go, with the columns they tie: one entry a row."""

    row: Ids
    main: Ids
    slack: Ids
    """Below the mark."""


class Presolved:
    """The smaller programme of a compiled one: x = T z + t, and the rows that are left.

    A part of a variable takes the column of the slack that it replaces; columns of slacks that
    nothing replaces are left out.
    """

    def __init__(self, compiled: StandardForm) -> None:
        """Find the rows that can go and write the smaller matrix."""
        c, r = compiled.columns, compiled.rows
        bands = [_tied(compiled, law, c[x], c[below], c[over]) for law, x, over, below in BANDS]
        self.band, beyond = _joined([(Marks(*b[:3]), b[3]) for b in bands])
        self.beyond = beyond
        targets = [_tied(compiled, law, c[x], c[below]) for law, x, below in TARGETS]
        self.target, _ = _joined([(Marks(*t), t[0]) for t in targets])
        self.cover = Marks(*_tied(compiled, "cover_target", c["cover"], c["short_cover"]))
        marked = np.concatenate([self.band.main, self.target.main])
        self.new = marked[np.isin(marked, _never_marked(compiled))]
        """Deliveries of which none is usual, runs of which none is contracted: no part of them is
        below the mark."""
        tied = np.isin(c["cover"], self.cover.main)
        layered = _layered(c["depleted"], np.where(tied, r["firm_stock"], NONE))
        unused = c["depleted"][c["depleted"] != NONE] if layered is None else ()
        self.unused: Ids = np.array(unused, dtype=np.int32)
        """Layers of stocks while firms are taken as alike."""
        self.layers = _layers(c["depleted"], layered)
        """[stock, layer] column of each layer that firms use up, for the stocks that have some."""
        at = np.flatnonzero(layered.ravel()) if layered is not None else np.zeros(0, dtype=int)
        self.layered: Ids = c["cover"].ravel()[at]
        """The stock's own column for each row of `layers`."""
        self.layer_row: Ids = r["firm_stock"].ravel()[at]
        gone = np.concatenate([self.band.row, self.target.row, self.cover.row, self.layer_row])
        self.rows = np.setdiff1d(np.arange(compiled.matrix.shape[0], dtype=np.int32), gone)
        self.all_rows, self.all_columns = compiled.matrix.shape
        self.part = self._parts()
        kept = csr_array(compiled.matrix)[self.rows]
        self.kept_rows = csc_array(kept)
        self.matrix = csc_array(kept @ self.part)
        self.matrix.eliminate_zeros()

    def limits(self, now: Limits) -> Small:
        """Bounds and costs of a window for the smaller programme."""
        b, t, c = self.band, self.target, self.cover
        upper = now.column_upper.copy()
        usual = now.row_lower[b.row]
        most = now.column_upper[b.main]
        upper[b.main] = np.minimum(usual, most)
        upper[self.beyond] = np.maximum(most - usual, np.minimum(most, 0.0))
        goal = now.row_lower[t.row]
        most = now.column_upper[t.main]
        upper[t.main] = np.minimum(goal, most)
        upper[t.slack] = np.maximum(most - goal, np.minimum(most, 0.0))
        upper[c.main] = self._above_layers(now)
        upper[c.slack] = np.inf
        base = self._base(now)
        shift = self.kept_rows @ base
        return Small(
            now.row_lower[self.rows] - shift,
            now.row_upper[self.rows] - shift,
            upper[self.columns],
            (self.part.T @ now.cost) * COST_SCALE,
            float(now.cost @ base),
        )

    def values(self, now: Limits, found: Array) -> Array:
        """Values of the compiled programme's columns from those of the smaller one's."""
        values = self.part @ found + self._base(now)
        b, t, c = self.band, self.target, self.cover
        usual = now.row_lower[b.row]
        values[self.beyond] = np.maximum(values[b.main] - usual, 0.0)
        values[b.slack] = np.maximum(usual - values[b.main], 0.0)
        for marks in (t, c):
            values[marks.slack] = np.maximum(now.row_lower[marks.row] - values[marks.main], 0.0)
        if self.layers.size:
            width = now.column_upper[self.layers]
            above = np.cumsum(width, axis=1) - width
            missing = width.sum(axis=1) - values[self.layered]
            values[self.layers] = np.clip(missing[:, None] - above, 0.0, width)
        return values

    def duals(self, now: Limits, found: Array, reduced_cost: Array) -> Array:
        """Duals of all rows; those that went from the reduced costs of the parts."""
        d = np.zeros(self.all_columns)
        d[self.columns] = reduced_cost / COST_SCALE
        duals = np.zeros(self.all_rows)
        duals[self.rows] = found / COST_SCALE
        duals = np.where(np.isinf(now.row_upper), np.maximum(duals, 0.0), duals)
        duals = np.where(np.isinf(now.row_lower), np.minimum(duals, 0.0), duals)
        b = self.band
        more, less = now.cost[self.beyond], now.cost[b.slack]
        worth = np.where(np.isin(b.main, self.new), d[self.beyond] - more, d[b.main] + less)
        out_of_reach = now.column_upper[b.main] <= now.row_lower[b.row]
        duals[b.row] = np.where(out_of_reach, less, np.clip(worth, -more, less))
        for marks in (self.target, self.cover):
            short = now.cost[marks.slack]
            out_of_reach = now.column_upper[marks.main] < now.row_lower[marks.row]
            duals[marks.row] = np.where(out_of_reach, short, np.clip(d[marks.slack], 0.0, short))
        if self.layers.size:
            most = d[self.layered] - d[self.layers[:, -1]]
            duals[self.layer_row] = np.clip(d[self.layered], 0.0, np.maximum(most, 0.0))
        return duals

    def _base(self, now: Limits) -> Array:
        """T: the compiled columns where every part is zero: marks unmet and layers used up."""
        base = np.zeros(self.all_columns)
        for marks in (self.band, self.target, self.cover):
            base[marks.slack] = now.row_lower[marks.row]
        if self.layers.size:
            base[self.layers] = now.column_upper[self.layers]
        return base

    def _above_layers(self, now: Limits) -> Array:
        """Room in each stock between the highest layer and the target."""
        room = np.zeros(self.all_columns)
        room[self.cover.main] = now.row_lower[self.cover.row]
        if self.layers.size:
            room[self.layered] -= now.column_upper[self.layers].sum(axis=1)
        found: Array = np.maximum(room[self.cover.main], 0.0)
        return found

    def _parts(self) -> csc_array:
        """T of x = T z + t, its columns those that are kept."""
        everything = np.arange(self.all_columns, dtype=np.int32)
        b, t, c = self.band, self.target, self.cover
        layers = self.layers.ravel()
        owner = np.repeat(self.layered, self.layers.shape[1]) if self.layers.size else layers
        slack_of = np.full(self.all_columns, NONE, dtype=np.int32)
        slack_of[c.main] = c.slack
        fresh, free = np.isin(b.main, self.new), np.isin(t.main, self.new)
        replaced = np.concatenate([b.slack, t.slack, c.slack, layers])
        entries = [
            (np.setdiff1d(everything, np.concatenate([replaced, self.new])), None, 1.0),
            (b.main, self.beyond, 1.0),
            (b.slack[~fresh], b.main[~fresh], -1.0),
            (t.main, t.slack, 1.0),
            (t.slack[~free], t.main[~free], -1.0),
            (c.main, c.slack, 1.0),
            (c.slack, c.main, -1.0),
            (owner, layers, 1.0),
            (layers, layers, -1.0),
            (slack_of[owner], layers, -1.0),
        ]
        rows = np.concatenate([e[0] for e in entries])
        columns = np.concatenate([e[0] if e[1] is None else e[1] for e in entries])
        signs = np.concatenate([np.full(len(e[0]), e[2]) for e in entries])
        whole = coo_array((signs, (rows, columns)), shape=(self.all_columns,) * 2)
        gone = np.concatenate([b.slack, self.new, self.unused])
        self.columns: Ids = np.setdiff1d(everything, gone)
        """Columns of the compiled programme that the smaller one keeps."""
        return csc_array(csc_array(whole)[:, self.columns])


def _never_marked(compiled: StandardForm) -> Ids:
    """Columns of deliveries that are never usual, and of runs that no contract takes."""
    network = compiled.network
    new = [
        d.usual_t_per_week == 0.0 and d.origin != network.customers[d.customer].region
        for d in network.deliveries
    ]
    free = [x.offtake_share == 0.0 and not x.is_steady for x in network.lines]
    return np.concatenate(
        [
            compiled.columns["delivery"][np.array(new, dtype=bool)].ravel(),
            compiled.columns["run"][np.array(free, dtype=bool)].ravel(),
        ]
    )


def _layered(depleted: Ids, rows: Ids) -> Flags | None:
    """[cover, period] whether a stock has layers; None if none has."""
    if not depleted.shape[1] or (rows == NONE).all():
        return None
    return (depleted != NONE).all(axis=1) & (rows != NONE)


def _tied(compiled: StandardForm, law: str, main: Ids, *slacks: Ids) -> tuple[Ids, ...]:
    """Flat numbers of a law's rows and of their columns, where there are such.

    A row stays where its slacks pay: the better part would not fill first.
    """
    ids = [at.ravel() for at in (compiled.rows[law], main, *slacks)]
    there = np.logical_and.reduce([at != NONE for at in ids])
    there &= sum(np.where(at != NONE, compiled.cost[at], 0.0) for at in ids[2:]) >= 0.0
    return tuple(at[there] for at in ids)


def _joined(parts: list[tuple[Marks, Ids]]) -> tuple[Marks, Ids]:
    marks = [m for m, _ in parts]
    both = Marks(
        np.concatenate([m.row for m in marks]),
        np.concatenate([m.main for m in marks]),
        np.concatenate([m.slack for m in marks]),
    )
    return both, np.concatenate([extra for _, extra in parts])


def _layers(depleted: Ids, layered: Flags | None) -> Ids:
    """[stock, layer] columns of the layers, period by period of each stock that has some."""
    if layered is None:
        return np.zeros((0, 0), dtype=np.int32)
    found: Ids = depleted.transpose(0, 2, 1).reshape(-1, depleted.shape[1])[layered.ravel()]
    return found
