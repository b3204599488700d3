"""The equations of the base year: what must balance, and which numbers may move."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from supplychain.dataset import Tables
from supplychain.dataset.closing import ndfeb_magnets
from supplychain.dataset.schema_demand import NORMAL_RECIPE

PILING_STAGES = ("intermediate", "oxide", "minor-metal", "scrap")
"""Materials that may be left over: by-products of co-production and what others use."""
MAGNET_ELEMENTS = frozenset({"ndpr", "dy", "tb"})
"""Their oxides are scarce: what is left over is what other uses take (other_use_share)."""
SHARE_TOLERANCE = 0.01
CHINA = "CHN"
EXPORTS = "exports-"

Key = tuple[str, ...]


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
