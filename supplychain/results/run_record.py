"""From a Solution to a Run: its record, headline and the limits that bind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from supplychain.case.opening_inventory import short_opening
from supplychain.dataset import Tables
from supplychain.dataset.events import as_of_json, stale
from supplychain.errors import SupplychainError, problem
from supplychain.formatting import MOST_LISTED, place, within
from supplychain.network.entities import Network
from supplychain.network.sourcing_check import overfull_lanes
from supplychain.network.unread_cells import rounded_numbers, unread_cells
from supplychain.results.binding_limits import as_json, binding_limits, unreached
from supplychain.results.company_results import company_results
from supplychain.results.context_tables import dictionaries, timeline
from supplychain.results.indicators import avoided_by, headline, indicators
from supplychain.results.result_tables import build_tables
from supplychain.results.verification import Check, verify
from supplychain.runs.provenance import peak_memory_mb, run_id, versions
from supplychain.runs.run_schema import TABLE_COLUMNS, Run
from supplychain.scenario.scenario import BASE, Scenario
from supplychain.solve.solution import Solution

SCHEMA = "supplychain/run-record/1"


def build_record(
    solution: Solution,
    tables: Tables,
    frames: Mapping[str, DataFrame],
    checks: Sequence[Check],
    bound_most: str,
    avoided: Mapping[str, list[dict[str, Any]]],
) -> dict[str, Any]:
    """Everything needed to say what ran and to run it again; seconds and memory come later."""
    case = solution.realised
    scenario = case.scenario.as_json()
    reached = binding_limits(solution, tables.changes)
    return {
        "schema": SCHEMA,
        "id": run_id(scenario, tables.hash, solution.foresight, solution.allocation),
        "scenario": scenario,
        "foresight": solution.foresight,
        "allocation": solution.allocation,
        "input_changes": list(map(dict, case.input_changes)),
        "data": {
            "hash": tables.hash,
            "overlays": [overlay.rsplit("/", 1)[-1] for overlay in tables.overlays],
            "changes": [change.as_json() for change in tables.changes[:MOST_LISTED]],
            "changes_in_all": len(tables.changes),
        },
        "versions": versions(),
        "solver": solver_record(solution),
        "checks": [
            {"name": c.name, "residual": c.residual, "tolerance": c.tolerance, "ok": c.ok}
            for c in checks
        ],
        "costs_musd": dict(solution.history.costs),
        "weighted_loss_musd": weighted_loss(solution),
        "headline": {
            "sectors": headline(frames["indicators"], avoided),
            "bound_most": bound_most,
        },
        "assumptions": assumptions(tables),
        "fitted_parameters": fitted_parameters(tables),
        "as_of": as_of_json(tables, case.start),
        "notes": notes(case.scenario),
        "binding": as_json(reached),
        "warnings": [
            *stale(tables, case.start),
            *overfull_lanes(tables, case.network),
            *unread_cells(tables, case.network),
            *rounded_numbers(tables),
            *short_opening(case.network, case.scenario, tables.changes),
            *unreached(reached),
            *case.idle_entries,
        ],
    }


NOTES = (
    "Who uses a good in the end is known only at delivery: oxides, metals and alloys are declared "
    "civil, so Chinese feed in magnets made elsewhere is not tracked to military buyers.",
    "Licences are computed before the programme and do not react to it; grants bound trade, need "
    "pulls it.",
    "Under rolling foresight planners expect the regime in force to go on, and weigh a later loss "
    "less, because the squeeze may be over by then.",
    "Licences name an end user and buyers keep their contracts; how goods would be shared within a "
    "market is bounded by --allocation value (pooled, kinder) and proportional (usual shares).",
    "Firms of a segment differ in their stocks and in nothing else; supply falls behind by the "
    "same weeks of need for all of them.",
    "Output is made up to the oldest loss first, within the overtime and the time limit of the "
    "segment; planners look at the limit whenever they decide.",
    "Magnets are made to order: a producer's unsold stock may serve any of its customers, a "
    "customer's stock only itself.",
)
"""Simplifications that a reader must know; the report shows them."""

STILL = "Demand stays at its base-year level."
GROWING = (
    "Plans grow by segment and year along the {demand} path of the data, at rates that are mostly "
    "assumed; usual trade, licences asked for and China's plants grow with them."
)


def notes(scenario: Scenario) -> list[str]:
    """What a reader must know of a run."""
    growing = GROWING.format(demand=scenario.demand)
    return [*NOTES, STILL if scenario.demand == BASE else growing]


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
        "largest_residual": max((a.residual for a in solution.windows), default=0.0),
        "iterations": sum(a.iterations for a in solution.windows),
    }


def weighted_loss(solution: Solution) -> float:
    """Value added lost, weighted by its convex steps, less what was made up; not discounted.

    Million USD.
    """
    network = solution.realised.network
    value = np.array(
        [c.plan_per_week * c.value_added_usd_per_unit / 1e6 for c in network.customers]
    )
    weights = np.array(solution.rule.weights)
    customer = np.array(solution.rule.customer_weight)
    lost = solution.history.lost.sum(axis=2)
    kept = np.array([c.share_kept_late for c in network.customers])
    made_up = solution.history.made_up.sum(axis=1)
    return float((value * customer) @ (lost @ weights - kept * made_up))


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


def bound_most(solution: Solution, controls: Mapping[str, str]) -> str:
    """One plain sentence naming the limit with the largest value over the horizon.

    A licence class is worth its dual times its usual trade, summed over the weeks in which some
    buyer of its end use loses output: before that a dual only says that stock is being kept.
    `controls` names them.
    """
    if float(solution.history.lost.sum()) <= 1e-6:
        return "Nothing bound: every plan was met."
    worth = _licence_worth(solution)
    if not worth:
        return "No licence bound; stocks and plants did."
    (control, destination, end_use), value = max(worth.items(), key=lambda item: (item[1], item[0]))
    region = solution.realised.network.regions.get(destination, destination)
    goods, _, basis = controls.get(control, control).partition(": ")
    return (
        f"What bound most were licences for {end_use} buyers in {place(region)} "
        f"({', '.join(filter(None, [within(goods), basis]))}): over the horizon they make up "
        f"{100.0 * value / sum(worth.values()):.0f} % of what all licences were worth."
    )


def _licence_worth(solution: Solution) -> dict[tuple[str, str, str], float]:
    network: Network = solution.realised.network
    proven = solution.history.proven["licence_balance"]
    duals = np.where(proven, -solution.history.licence_balance, 0.0)
    losing = _weeks_of_loss(solution)
    worth: dict[tuple[str, str, str], float] = defaultdict(float)
    for i, user in enumerate(network.end_users):
        licence = network.categories[user.category]
        in_loss = losing.get(licence.end_use, np.zeros(duals.shape[1], dtype=bool))
        usual = licence.usual_t_per_week * user.share
        value = float(np.sum(duals[i][in_loss]) * usual)
        if value > 1e-9:
            worth[licence.control, licence.destination, licence.end_use] += value
    return dict(worth)


def _weeks_of_loss(solution: Solution) -> dict[str, NDArray[np.bool_]]:
    """End use to the weeks in which a customer of it loses over a millionth of its plan."""
    lost = solution.history.lost.sum(axis=1) > 1e-6
    found: dict[str, NDArray[np.bool_]] = {}
    for i, customer in enumerate(solution.realised.network.customers):
        weeks = found.get(customer.end_use, np.zeros(lost.shape[1], dtype=bool))
        found[customer.end_use] = weeks | lost[i]
    return found


def make_run(tables: Tables, solution: Solution) -> Run:
    """Tables, recomputed balances and the record of a solved case.

    Raises:
        SupplychainError: a balance recomputed from the tables does not hold.
    """
    case = solution.realised
    frames = build_tables(solution)
    values = {
        (c.sector, c.segment, c.region): c.value_added_usd_per_unit for c in case.network.customers
    }
    threshold = case.network.assumptions["stop_threshold"]
    frames["indicators"] = indicators(
        frames["shortfall"], values, case.first_effective, frames["firms"], threshold
    )
    frames["timeline"] = timeline(case.scenario, tables)
    checks = verify(solution, frames)
    broken = [c for c in checks if not c.ok]
    if broken:
        raise SupplychainError(
            "The result tables do not add up; no report is written.",
            [
                problem("RESULT-101", f"{c.name}: residual {c.residual:.3g} over {c.tolerance:g}.")
                for c in broken
            ],
        )
    frames.update(dictionaries(tables, case.network))
    rows = [change.as_json() for change in tables.changes]
    frames["data_changes"] = DataFrame(rows, columns=list(TABLE_COLUMNS["data_changes"]))
    controls = dict(zip(tables["controls"]["control"], tables["controls"]["name"], strict=True))
    avoided = avoided_by(frames["recipes_used"], frames["output"], frames["customers"], values)
    bound = bound_most(solution, controls)
    record = build_record(solution, tables, frames, checks, bound, avoided)
    record["headline"]["companies"] = company_results(tables, solution, frames, values)
    record["seconds"] = {}
    record["peak_memory_mb"] = peak_memory_mb()
    return Run(record, frames)
