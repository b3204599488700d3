"""What was drawn and what became of it, as tables (columns in docs/ensembles.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
from pandas import DataFrame

from supplychain.regime.path import first_break
from supplychain.regime.switching import make_switching
from supplychain.results.dictionaries import NAMED
from supplychain.results.store import write_tables
from supplychain.study.ensemble.futures import HELD, Setup
from supplychain.study.ensemble.sample import Member
from supplychain.study.ensemble.store import Done, MemberFolder

SOLVED, FAILED = "solved", "failed"


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
            f"""COPY (SELECT * FROM read_parquet(?)
                WHERE arm <> '{HELD}' OR member < {len(paired)}
                ORDER BY member, arm DESC, sector, region, week)
                TO '{str(target).replace("'", "''")}' (FORMAT parquet, COMPRESSION zstd)""",
            [[str(file) for file in files]],
        )
