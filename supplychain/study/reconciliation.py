"""The base year made to close by the least adjustment of its numbers.

Raw facts do not close by themselves: what is mined, made, traded and used comes from different
sources. This step moves usual runs of lines, usual trade and the plans of the users that are not
one of the four sectors, as little as possible, until every material balances in every region.

    minimise   sum of steps(|value - raw| / spread)
    subject to made + brought in == used by lines + sent out            every region and material
               brought to customers == what the customers there need    every final good
               China's magnet exports by buyer within the customs figure's range
               China's share of mining, refining and NdFeB within a point of the sourced share
               low <= value <= high

`spread` is half of high - low, at least two percent of raw. `steps` is convex and piecewise linear:
the first quarter of a spread costs 1 per spread, the next 3, then 5, then 9, so that many numbers
move a little before one moves far (a square would say the same; HiGHS's quadratic solver ends in an
error on it). By-products may pile up; nothing else may. Raw stays beside value.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, csc_array, csr_array, eye_array, kron

from supplychain.dataset import TABLES, Tables
from supplychain.dataset.data_closure import ndfeb_magnets
from supplychain.dataset.schema_demand import NORMAL_RECIPE
from supplychain.files import whole_file
from supplychain.solve.highs import as_lp, minimise
from supplychain.units import CANONICAL, convert, dimension_of

SHORT_COST = 1e4
OPEN_T_PER_YEAR = 1e-3
"""A balance open by less than this closes: a kilogram a year."""
STEP_WIDTHS = np.array([0.25, 0.25, 0.5, np.inf])
STEP_SLOPES = np.array([1.0, 3.0, 5.0, 9.0])
LEAST_SPREAD = 0.02

Array = NDArray[np.float64]

PILING_STAGES = ("intermediate", "oxide", "minor-metal", "scrap")
"""Materials that may be left over: by-products of co-production and what others use."""
MAGNET_ELEMENTS = frozenset({"ndpr", "dy", "tb"})
"""Their oxides are scarce: what is left over is what other uses take (other_use_share)."""
SHARE_TOLERANCE = 0.01
CHINA = "CHN"
EXPORTS = "exports-"

Key = tuple[str, ...]

DIGITS = 9
"""Significant digits written: enough for every balance to close to a thousandth of a tonne."""


@dataclass(frozen=True)
class Reconciled:
    """The new value of every number that may move, by table and key, and what did not close."""

    values: dict[tuple[str, Key], float]
    open_balances: dict[str, float]
    """Balance to the tonnes a year that no value within the ranges can close."""


def reconcile(tables: Tables) -> Reconciled:
    """Solve the least adjustment of a data folder.

    Raises:
        NotSolved: HiGHS did not finish.
    """
    return _solve(base_year(tables))


def _solve(programme: Programme) -> Reconciled:
    """Hand the linear programme to HiGHS: unknowns, steps of deviation, gaps that stay open.

    Columns: unknowns, then for each unknown and step one piece up and one piece down, then for each
    balance what is short and what is over. Unknowns are scaled to their raw value, rows to the mean
    of their terms.
    """
    count = len(programme.unknowns)
    size = np.array([max(abs(u.raw), 1.0) for u in programme.unknowns])
    raw = np.array([u.raw for u in programme.unknowns]) / size
    spread = np.array([_spread(u) for u in programme.unknowns]) / size
    widths = np.repeat(np.outer(spread, STEP_WIDTHS), 2, axis=1).ravel()
    slopes = np.repeat(np.outer(1.0 / spread, STEP_SLOPES), 2, axis=1).ravel()
    slopes *= np.repeat([1.0 if u.table else 0.0 for u in programme.unknowns], 2 * len(STEP_WIDTHS))
    signs = np.tile([-1.0, 1.0], count * len(STEP_WIDTHS))
    pieces = kron(eye_array(count), np.ones((1, 2 * len(STEP_WIDTHS))), format="csr") * signs
    rows = len(programme.rows)
    scale = np.array([_row_size(terms, size) for _, terms, _, _ in programme.rows])
    terms = _term_matrix(programme, size, scale)
    gaps = kron(eye_array(rows), np.array([[1.0, -1.0]]), format="csr")
    matrix = block_array([[eye_array(count), pieces, None], [terms, None, gaps]], format="csc")
    lows = np.array([low for _, _, low, _ in programme.rows]) / scale
    highs = np.array([high for _, _, _, high in programme.rows]) / scale
    low = np.array([u.low for u in programme.unknowns]) / size
    high = np.array([u.high for u in programme.unknowns]) / size
    lp = as_lp(
        csc_array(matrix),
        np.concatenate([np.zeros(count), slopes, np.full(2 * rows, SHORT_COST)]),
        np.concatenate([high, widths, np.full(2 * rows, np.inf)]),
        np.concatenate([raw, lows]),
        np.concatenate([raw, highs]),
        np.concatenate([low, np.zeros(len(slopes) + 2 * rows)]),
    )
    return _read(programme, minimise(lp), size, scale)


def _row_size(terms: dict[int, float], size: Array) -> float:
    return float(max(sum(abs(a) * size[i] for i, a in terms.items()) / max(len(terms), 1), 1.0))


def _term_matrix(programme: Programme, size: Array, scale: Array) -> csr_array:
    entries = [
        (r, i, amount * size[i] / scale[r])
        for r, (_, terms, _, _) in enumerate(programme.rows)
        for i, amount in sorted(terms.items())
    ]
    at, of, value = zip(*entries, strict=True)
    return csr_array((value, (at, of)), shape=(len(programme.rows), len(programme.unknowns)))


def _spread(unknown: Unknown) -> float:
    width = (unknown.high - unknown.low) / 2.0 if np.isfinite(unknown.high) else 1.0
    return max(width, LEAST_SPREAD * abs(unknown.raw), 1e-3)


def _read(programme: Programme, solution: Array, size: Array, scale: Array) -> Reconciled:
    values = {
        (u.table, u.key): float(solution[i] * size[i])
        for i, u in enumerate(programme.unknowns)
        if u.table
    }
    gaps = solution[len(solution) - 2 * len(scale) :].reshape(-1, 2)
    gap = (gaps[:, 0] - gaps[:, 1]) * scale
    left = {
        name: float(gap[r])
        for r, (name, _, _, _) in enumerate(programme.rows)
        if abs(gap[r]) > OPEN_T_PER_YEAR
    }
    return Reconciled(values, left)


@dataclass
class Unknown:
    """One number that may move: where it lives, its raw value and range, t/a or units a year."""

    table: str
    key: Key
    raw: float
    low: float
    high: float
    scale: float = 1.0


@dataclass
class Programme:
    """Unknowns, and equations as {unknown: coefficient} == right-hand side."""

    unknowns: list[Unknown] = field(default_factory=list)
    rows: list[tuple[str, dict[int, float], float, float]] = field(default_factory=list)


def base_year(tables: Tables) -> Programme:
    """Unknowns and equations of the base year of a data folder."""
    programme = Programme()
    runs = _runs(tables, programme)
    trade = _trade(tables, programme)
    plans, fixed = _needs(tables, programme)
    _balances(tables, programme, runs, trade, plans, fixed)
    _targets(tables, programme, trade)
    _shares(tables, programme, runs)
    return programme


def _add(programme: Programme, unknown: Unknown) -> int:
    programme.unknowns.append(unknown)
    return len(programme.unknowns) - 1


def _runs(tables: Tables, programme: Programme) -> dict[str, int]:
    capacity = tables.values("line_numbers", "capacity")
    usual = [row for row in tables.records("line_numbers") if row["quantity"] == "usual_run"]
    found: dict[str, int] = {}
    for row in usual:
        high = min(_or(row["high"], row["raw"]), capacity[(str(row["line"]),)])
        low = min(_or(row["low"], row["raw"]), high)
        unknown = Unknown(
            "line_numbers", (str(row["line"]), "usual_run"), float(row["raw"]), low, high
        )
        found[str(row["line"])] = _add(programme, unknown)
    return found


def _trade(tables: Tables, programme: Programme) -> dict[tuple[str, str, str], int]:
    found: dict[tuple[str, str, str], int] = {}
    for row in tables.records("arcs"):
        key = (str(row["material"]), str(row["origin"]), str(row["destination"]))
        raw = float(row["raw"])
        unknown = Unknown("arcs", key, raw, _or(row["low"], raw), _or(row["high"], raw))
        found[key] = _add(programme, unknown)
    return found


def _needs(
    tables: Tables, programme: Programme
) -> tuple[dict[tuple[str, str], dict[int, float]], dict[tuple[str, str], float]]:
    """Needs by (region, material): those that may move {unknown: t per unit}, and the others."""
    sector = dict(zip(tables["segments"]["segment"], tables["segments"]["sector"], strict=True))
    where = {
        str(r["customer"]): (str(r["segment"]), str(r["region"]))
        for r in tables.records("customers")
    }
    intensity: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (segment, recipe, material), kg in tables.values("intensities").items():
        if recipe == NORMAL_RECIPE:
            intensity[segment].append((material, kg / 1000.0))
    plans = [row for row in tables.records("customer_numbers") if row["quantity"] == "plan"]
    moving: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    fixed: dict[tuple[str, str], float] = defaultdict(float)
    for row in plans:
        segment, region = where[str(row["customer"])]
        raw = float(row["raw"])
        if sector[segment] == "other":
            key = (str(row["customer"]), "plan")
            bounds = (_or(row["low"], raw), _or(row["high"], raw))
            i = _add(programme, Unknown("customer_numbers", key, raw, *bounds))
            for material, amount in intensity[segment]:
                moving[region, material][i] = amount
        else:
            for material, amount in intensity[segment]:
                fixed[region, material] += amount * raw
    return moving, fixed


def _balances(
    tables: Tables,
    programme: Programme,
    runs: dict[str, int],
    trade: dict[tuple[str, str, str], int],
    plans: dict[tuple[str, str], dict[int, float]],
    fixed: dict[tuple[str, str], float],
) -> None:
    """Made + brought in == used by lines + sent out (+ surplus), and the customers' equation."""
    supply, line_use = _line_terms(tables, runs)
    final = set(tables["intensities"]["material"])
    spare = tables.assumption("other_use_share")
    content: dict[str, set[str]] = defaultdict(set)
    for material, element in tables.values("material_content"):
        content[material].add(element)
    stage = dict(zip(tables["materials"]["material"], tables["materials"]["stage"], strict=True))
    into: dict[tuple[str, str], list[int]] = defaultdict(list)
    out: dict[tuple[str, str], list[int]] = defaultdict(list)
    for (material, origin, destination), i in trade.items():
        out[origin, material].append(i)
        into[destination, material].append(i)
    places = sorted({*supply, *line_use, *into, *out, *plans, *fixed})
    for region, material in places:
        here = (region, material)
        row: dict[int, float] = defaultdict(float)
        for i, amount in supply[here].items():
            row[i] += amount
        for i, amount in line_use[here].items():
            row[i] -= amount
        for i in out[here]:
            row[i] -= 1.0
        arriving = dict.fromkeys(into[here], 1.0)
        if material in final:
            if line_use[here]:
                feed = _add(programme, Unknown("", ("feed", *here), 0.0, 0.0, np.inf))
                row[feed] += 1.0
                arriving[feed] = -1.0
            for i, amount in plans[here].items():
                arriving[i] = -amount
            programme.rows.append(
                (f"customers {region} {material}", arriving, fixed[here], fixed[here])
            )
        else:
            for i in arriving:
                row[i] += 1.0
        top = np.inf if stage[material] in PILING_STAGES else 0.0
        if row:
            programme.rows.append((f"region {region} {material}", dict(row), 0.0, top))
        if stage[material] == "oxide" and MAGNET_ELEMENTS & content[material]:
            kept = {i: (1.0 - spare) * a if a > 0.0 else a for i, a in row.items()}
            programme.rows.append((f"other uses {region} {material}", kept, -np.inf, 0.0))


def _line_terms(
    tables: Tables, runs: dict[str, int]
) -> tuple[dict[tuple[str, str], dict[int, float]], dict[tuple[str, str], dict[int, float]]]:
    regions = dict(zip(tables["sites"]["site"], tables["sites"]["region"], strict=True))
    flows: dict[str, list[tuple[str, str, float]]] = defaultdict(list)
    for row in tables.records("process_flows"):
        flows[str(row["process"])].append(
            (str(row["role"]), str(row["material"]), float(row["value"]))
        )
    made: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    used: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for row in tables.records("lines"):
        region = str(regions[row["site"]])
        for role, material, amount in flows[str(row["process"])]:
            side = made if role == "makes" else used
            side[region, material][runs[str(row["line"])]] = amount
    return made, used


def _targets(tables: Tables, programme: Programme, trade: dict[tuple[str, str, str], int]) -> None:
    """China's magnet exports by buyer stay within the range of the customs figure."""
    magnets = ndfeb_magnets(tables)
    for row in tables.records("closure_targets"):
        name = str(row["target"])
        if not name.startswith(EXPORTS):
            continue
        buyer = name.removeprefix(EXPORTS)
        terms = {
            i: 1.0
            for (material, origin, destination), i in trade.items()
            if origin == CHINA and destination == buyer and material in magnets
        }
        if terms:
            programme.rows.append(
                (f"exports to {buyer}", terms, float(row["low"]), float(row["high"]))
            )


def _shares(tables: Tables, programme: Programme, runs: dict[str, int]) -> None:
    """China's share of a stage is within a point of its target: a ratio, made linear."""
    mass = _masses(tables)
    for stage, measured in (("mining", "mined"), ("refining", "refined"), ("ndfeb", "magnets")):
        wanted = tables.values("closure_targets", f"china-share-{stage}")[()]
        for name, share, below in (
            (f"china share of {stage}, least", wanted - SHARE_TOLERANCE, False),
            (f"china share of {stage}, most", wanted + SHARE_TOLERANCE, True),
        ):
            terms = {
                runs[line]: amount * ((1.0 if region == CHINA else 0.0) - share)
                for (kind, line, region), amount in mass.items()
                if kind == measured
            }
            low, high = (-np.inf, 0.0) if below else (0.0, np.inf)
            programme.rows.append((name, terms, low, high))


def _masses(tables: Tables) -> dict[tuple[str, str, str], float]:
    """(what is counted, line, region) to tonnes per tonne of run: as the closure counts them."""
    content = tables.values("material_content")
    magnets = ndfeb_magnets(tables)
    stage = {row["material"]: row["stage"] for row in tables.records("materials")}
    process_stage = {row["process"]: row["stage"] for row in tables.records("processes")}
    region = {row["site"]: row["region"] for row in tables.records("sites")}
    makes: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for (process, role, material), amount in tables.values("process_flows").items():
        if role == "makes":
            makes[process].append((material, amount))
    found: dict[tuple[str, str, str], float] = defaultdict(float)
    for row in tables.records("lines"):
        line, process, where = row["line"], row["process"], region[row["site"]]
        for material, amount in makes[process]:
            scarce = sum(content.get((material, e), 0.0) for e in sorted(MAGNET_ELEMENTS))
            if process_stage[process] == "mining":
                found["mined", line, where] += amount * scarce
            if stage[material] == "oxide":
                found["refined", line, where] += amount * scarce
            if material in magnets:
                found["magnets", line, where] += amount
    return dict(found)


def _or(value: float | None, instead: float) -> float:
    return instead if value is None else value


def write_reconciled(folder: Path, reconciled: Reconciled) -> dict[str, int]:
    """Put the new values into the folder's tables, each in the unit of its row.

    Returns:
        Table name to the number of rows whose value changed.
    """
    changed: dict[str, int] = {}
    for name in sorted({table for table, _ in reconciled.values}):
        path = folder / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            columns = list(reader.fieldnames or [])
            rows = list(reader)
        changed[name] = sum(_update(name, row, reconciled) for row in rows)
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        with whole_file(path) as part:
            part.write_text(text.getvalue(), encoding="utf-8")
    return changed


def _update(table: str, row: dict[str, str], reconciled: Reconciled) -> bool:
    key = (table, tuple(row[column] for column in TABLES[table].key))
    if key not in reconciled.values:
        return False
    canonical = CANONICAL[dimension_of(row["unit"])]
    value = f"{convert(reconciled.values[key], canonical, row['unit']):.{DIGITS}g}"
    if float(value) == float(row["raw"]):
        value = row["raw"]
    differs = value != row["value"]
    row["value"] = value
    return differs
