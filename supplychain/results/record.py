"""What ran: scenario as resolved, inputs changed, data, versions, solver, checks, headline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pandas import DataFrame

from supplychain.dataset import Tables
from supplychain.results.identity import run_id, versions
from supplychain.results.indicators import headline
from supplychain.results.recheck import Check
from supplychain.solve.rolling import Solution

SCHEMA = "supplychain/run-record/1"


def build_record(
    solution: Solution,
    tables: Tables,
    frames: Mapping[str, DataFrame],
    checks: Sequence[Check],
    bound_most: str,
) -> dict[str, Any]:
    """Everything needed to say what ran and to run it again; seconds and memory come later."""
    case = solution.case
    scenario = case.scenario.as_json()
    return {
        "schema": SCHEMA,
        "id": run_id(scenario, tables.hash, solution.foresight, solution.allocation),
        "scenario": scenario,
        "foresight": solution.foresight,
        "allocation": solution.allocation,
        "input_changes": case.input_changes(),
        "data": {
            "hash": tables.hash,
            "overlays": [overlay.rsplit("/", 1)[-1] for overlay in tables.overlays],
            "changes": [change.as_json() for change in tables.changes],
        },
        "versions": versions(),
        "solver": solver_record(solution),
        "checks": [
            {"name": c.name, "residual": c.residual, "tolerance": c.tolerance, "ok": c.ok}
            for c in checks
        ],
        "costs_musd": dict(solution.history.costs),
        "weighted_loss_musd": weighted_loss(solution),
        "headline": {"sectors": headline(frames["indicators"]), "bound_most": bound_most},
        "assumptions": assumptions(tables),
        "fitted_parameters": fitted_parameters(tables),
        "notes": list(NOTES),
    }


NOTES = (
    "Who uses a good in the end is known only at delivery: oxides, metals and alloys are declared "
    "civil, so Chinese feed in magnets made elsewhere is not tracked to military buyers.",
    "Licences are computed before the programme and do not react to it; grants bound trade, need "
    "pulls it.",
    "Under rolling foresight planners expect the regime in force to go on, and weigh a later loss "
    "less, because the squeeze may be over by then.",
    "Allocation by value is kinder than the world; --allocation proportional, which shares by "
    "usual shares, is there for comparison.",
    "Demand stays at its base-year level; lost output is not made up later.",
    "Magnets are made to order: a producer's unsold stock may serve any of its customers, a "
    "customer's stock only itself.",
)
"""Simplifications that a reader must know; the report shows them."""


def solver_record(solution: Solution) -> dict[str, Any]:
    """How the windows were solved, and how large the numbers of the programme are."""
    return {
        "name": "HiGHS",
        "status": "optimal",
        "windows": len(solution.windows),
        "periods": list(solution.grid.lengths),
        "rows": solution.rows,
        "columns": solution.columns,
        "nonzeros": solution.nonzeros,
        "smallest_coefficient": solution.smallest_coefficient,
        "largest_coefficient": solution.largest_coefficient,
        "largest_residual": max(a.residual for a in solution.windows),
        "iterations": sum(a.iterations for a in solution.windows),
    }


def weighted_loss(solution: Solution) -> float:
    """Value added lost, weighted by its convex steps and not discounted, million USD."""
    network = solution.case.network
    value = np.array(
        [c.plan_per_week * c.value_added_usd_per_unit / 1e6 for c in network.customers]
    )
    weights = np.array(solution.rule.weights)
    customer = np.array(solution.rule.customer_weight)
    lost = solution.history.lost.sum(axis=2)
    return float((value * customer) @ (lost @ weights))


def assumptions(tables: Tables) -> list[dict[str, Any]]:
    """Every scalar assumption with its range and source, for the reader."""
    titles = dict(zip(tables["sources"]["source"], tables["sources"]["title"], strict=True))
    wanted = ("assumption", "value", "unit", "low", "high", "kind", "source", "note")
    rows = []
    for found in tables.records("assumptions"):
        row = {name: found.get(name) for name in wanted}
        keys = str(row["source"]).split(";")
        row["source_title"] = "; ".join(str(titles.get(key.strip(), key)) for key in keys)
        rows.append(row)
    return rows


def fitted_parameters(tables: Tables) -> list[dict[str, Any]]:
    """Every regime parameter that was fitted and holds instead of its prior, with its interval."""
    wanted = ("regime", "control", "destination", "end_use", "parameter", "value", "low", "high")
    return [{name: row[name] for name in wanted} for row in tables.records("fitted_parameters")]
