"""What is kept of an ensemble: ensemble.json with its headline, and the tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from pandas import DataFrame

from supplychain.ensemble.member_losses import ALL_REGIONS, ALL_SECTORS
from supplychain.ensemble.members import Member
from supplychain.ensemble.regime_paths import first_break, make_switching
from supplychain.ensemble.sensitivity import NOISE, PAWN
from supplychain.ensemble.solve_ensemble import Done, MemberFolder, key_of
from supplychain.ensemble.solve_member import HELD, Setup
from supplychain.results.context_tables import NAMED
from supplychain.runs.provenance import versions
from supplychain.runs.run_store import copied_to, rows_of, write_tables

SCHEMA = "supplychain/ensemble/1"
FILE, TABLES = "ensemble.json", "tables"

NOTES = (
    "A change of regime is known only when it takes effect: nobody sees it coming.",
    "Planners answer a drawn regime as in any scenario: they take it to go on.",
    "Inputs are independent of each other except within a group, and of the path.",
)
"""Simplifications that a reader must know; the page shows them."""

FIRST_DRIVERS = 5

SOLVED, FAILED = "solved", "failed"


def make_record(
    setup: Setup, frames: Mapping[str, DataFrame], folder: MemberFolder
) -> dict[str, Any]:
    """What ensemble.json holds; everything but `seconds` is the same for the same seed."""
    definition = setup.definition
    known = folder.done()
    mine = [known[int(index)] for index in frames["members"]["member"]]
    solved = int((frames["members"]["status"] == SOLVED).sum())
    return {
        "schema": SCHEMA,
        "key": key_of(setup),
        "name": definition.name,
        "title": definition.title,
        "definition": definition.as_json(),
        "scenario": setup.base.as_json(),
        "allocation": setup.allocation,
        "seed": definition.seed,
        "sampler": definition.sampler,
        "data": {
            "hash": setup.tables.hash,
            "overlays": [overlay.rsplit("/", 1)[-1] for overlay in setup.tables.overlays],
        },
        "versions": versions(),
        "counts": {
            "members": len(mine),
            "solved": solved,
            "failed": len(mine) - solved,
            "pairs": int(frames["members"]["arm_pairs"].sum()),
        },
        "hazards": [
            {str(key): plain(value) for key, value in row.items()}
            for row in frames["hazards"].to_dict("records")
        ],
        "headline": headline(frames),
        "notes": [*definition.notes, *NOTES],
        "seconds": {
            "members": sum(one.facts["seconds"] for one in mine),
            "members_on_processor": sum(one.facts["processor_seconds"] for one in mine),
        },
        "peak_memory_mb": max(one.facts["memory_mb"] for one in mine),
    }


def headline(tables: Mapping[str, DataFrame]) -> dict[str, Any]:
    """Expected and tail loss, chance of a stop, value of the truce, drivers, and whether enough.

    Amounts are USD over the horizon; chances are shares; intervals hold with 95 %.

    Args:
        tables: those that `summarise` gives.
    """
    final = tables["stopping"]
    final = final[final["week"] == final["week"].max()]
    stops = {(r["sector"], r["region"]): r for r in _rows(final)}
    losses = {(r["sector"], r["region"]): r for r in _rows(tables["expected"])}
    sectors = sorted({sector for sector, _ in losses if sector != ALL_SECTORS})
    return {
        "horizon_end_week": str(final["week"].iloc[0]),
        "all": _place(losses, stops, ALL_SECTORS, ALL_REGIONS),
        "sectors": {
            sector: {
                **_place(losses, stops, sector, ALL_REGIONS),
                "by_region": {
                    region: _place(losses, stops, sector, region)
                    for at, region in sorted(losses)
                    if at == sector and region != ALL_REGIONS
                },
            }
            for sector in sectors
        },
        "truce_value": {row["sector"]: _truce(row) for row in _rows(tables["truce_value"])},
        "drivers": _drivers(tables.get("drivers", DataFrame())),
        "enough": [
            {key: row[key] for key in ("statistic", "n", "estimate", "low", "high", "needed")}
            | {"verdict": row["verdict"]}
            for row in _rows(tables["enough"])
            if row["verdict"]
        ],
    }


def _rows(table: DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values: no numpy numbers, and None for what is not a number."""
    rows = table.to_dict("records")
    return [{str(key): plain(value) for key, value in row.items()} for row in rows]


def plain(value: Any) -> Any:
    """Turn a cell into what JSON knows.

    >>> import numpy as np
    >>> plain(np.float64("nan")), plain(np.int64(3)), plain("a")
    (None, 3, 'a')
    """
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _place(
    losses: Mapping[tuple[str, str], Mapping[str, Any]],
    stops: Mapping[tuple[str, str], Mapping[str, Any]],
    sector: str,
    region: str,
) -> dict[str, Any]:
    lost, stop = losses[sector, region], stops[sector, region]
    return {
        "mean_usd": lost["mean_usd"],
        "mean_share": lost["mean_share"],
        "mean_interval_usd": [lost["low"], lost["high"]],
        "p95_usd": lost["p95_usd"],
        "tail_mean_usd": lost["tail_mean_usd"],
        "tail_interval_usd": [lost["tail_low"], lost["tail_high"]],
        "chance_of_stop": stop["probability"],
        "chance_interval": [stop["low"], stop["high"]],
    }


def _truce(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "mean_usd": row["mean_usd"],
        "interval_usd": [
            min(row["low"], row["bootstrap_low"]),
            max(row["high"], row["bootstrap_high"]),
        ],
        "bootstrap_interval_usd": [row["bootstrap_low"], row["bootstrap_high"]],
        "t_interval_usd": [row["low"], row["high"]],
        "pairs": row["pairs"],
        "pairs_with_a_stop": row["stops"],
        "pairs_with_a_stop_if_held": row["held_stops"],
        "with_all_futures_usd": row["all_usd"],
        "with_all_futures_interval_usd": [row["all_low"], row["all_high"]],
    }


def _drivers(table: DataFrame) -> list[dict[str, Any]]:
    """The first drivers of the loss of all sectors that stand out from chance."""
    if table.empty:
        return []
    rows = table[(table["output"] == f"loss/{ALL_SECTORS}") & (table["method"] == PAWN)]
    rows = rows[(rows["input"] != NOISE) & rows["above_noise"].astype(bool)]
    first = _rows(rows.sort_values("rank").head(FIRST_DRIVERS))
    return [{key: row[key] for key in ("input", "index", "low", "high")} for row in first]


def write_drawn(
    setup: Setup, members: Sequence[Member], folder: MemberFolder, target: Path
) -> dict[str, DataFrame]:
    """Write the tables of an ensemble whose members are all done; all but `losses` are returned.

    Raises:
        OSError: the disk is full.
    """
    known = folder.done()
    columns = list(NAMED["regions"])
    frames = {
        "members": _members(members, known),
        "inputs": _inputs(setup, members),
        "paths": _paths(members),
        "hazards": hazards(setup),
        "regions": setup.tables["regions"][columns].copy(),
    }
    write_tables(frames, target)
    solved = [folder.losses(m.index) for m in members if known[m.index].solved]
    if solved:
        _write_losses(solved, members, setup.definition.pairs, target / "losses.parquet")
    return frames


def _members(members: Sequence[Member], known: Mapping[int, Done]) -> DataFrame:
    rows = [
        {
            "member": m.index,
            "status": SOLVED if known[m.index].solved else FAILED,
            "reason": known[m.index].reason,
            "first_break_week": first_break(m.path) if m.path else None,
            "arm_pairs": HELD in known[m.index].arms,
        }
        for m in members
    ]
    return DataFrame(rows).astype({"first_break_week": "Int64"})


def _inputs(setup: Setup, members: Sequence[Member]) -> DataFrame:
    """One row per member and input, and one per member and hazard that is drawn as one."""
    definition = setup.definition
    named = {one.name: one for one in definition.inputs}
    groups = set(definition.groups)
    rows: list[tuple[object, ...]] = []
    for m in members:
        for name, value in m.inputs.items():
            one = named[name]
            group = one.group if one.group != name else ""
            rows.append((m.index, name, group, m.position[one.group], value, one.unit))
        hazards = [(k, at) for k, at in m.position.items() if k not in groups]
        rows.extend((m.index, k, "", at, at, "quantile") for k, at in hazards)
    return DataFrame(rows, columns=["member", "input", "group", "position", "value", "unit"])


def _paths(members: Sequence[Member]) -> DataFrame:
    rows = [(m.index, step.week, step.state, step.regime) for m in members for step in m.path]
    return DataFrame(rows, columns=["member", "week", "state", "regime"])


def hazards(setup: Setup) -> DataFrame:
    """The hazards of the paths with how few events each rests on; empty without paths."""
    d = setup.definition
    plan = d.paths
    found = make_switching(plan, setup.tables, d.start, d.weeks).hazards if plan else ()
    columns = (
        "from_state",
        "to_state",
        "events",
        "weeks_at_risk",
        "hazard_per_week",
        "low",
        "high",
    )
    rows = [
        {**{name: getattr(h, name) for name in columns}, "source_events": ";".join(h.source_events)}
        for h in found
    ]
    return DataFrame(rows, columns=[*columns, "source_events"])


def _write_losses(
    files: Sequence[Path], members: Sequence[Member], pairs: int, target: Path
) -> None:
    """Put the members' files together, in the order of their numbers.

    A member may have been solved with more arms for a longer sample than this one asks for.
    """
    paired = [m.index for m in members if m.index < pairs]
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute(
            f"""COPY (SELECT * FROM {rows_of(*files)}
                WHERE arm <> '{HELD}' OR member < {len(paired)}
                ORDER BY member, arm DESC, sector, region, week)
                {copied_to(target)}"""
        )
