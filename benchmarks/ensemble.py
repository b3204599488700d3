"""What a member of the shipped ensemble costs: with reference futures and without, and in memory.

    python benchmarks/ensemble.py [--members 8] [--references FOLDER]

The reference futures are solved first, unless a folder of members that has them is named. Members
from number 16 on are then solved twice in one process, once with their references and once without.
Printed are processor seconds, so that other work on the machine counts little, and the memory held
after each member.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from time import process_time

from supplychain.dataset import read_tables
from supplychain.ensemble.load_ensemble import read_definition
from supplychain.ensemble.members import base_scenario, draw
from supplychain.ensemble.solve_ensemble import MemberFolder
from supplychain.ensemble.solve_member import PATH, Futures, Setup, all_turns
from supplychain.solve.warm_start import Packed

NAME, FIRST = "truce-collapse", 16
CORES, WANTED = 2, 1000


def main() -> None:
    """Solve some members both ways and print what they cost."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--members", type=int, default=8)
    reader.add_argument("--references", type=Path)
    asked = reader.parse_args()
    setup = shipped_setup()
    members = draw(setup.definition, setup.tables)[FIRST : FIRST + asked.members]
    starts = MemberFolder(asked.references).starts() if asked.references else solved_starts(setup)
    ways = {"with references": starts or (), "without": ()}
    means: dict[str, float] = {}
    for name, given in ways.items():
        futures = Futures(replace(setup, starts=given))
        futures.solve(members[0], (PATH,))  # compiles
        spent = []
        for member in members:
            began = process_time()
            solved = futures.solve(member, (PATH,))
            spent.append(process_time() - began)
            print(
                f"{name}: member {member.index}, {len(member.path) - 1} turns, "
                f"{solved.facts['windows']:.0f} windows: "
                f"{spent[-1]:.1f} s, {held_mb():.0f} MB held",
                flush=True,
            )
        means[name] = sum(spent) / len(spent)
    one, other = means.values()
    print(f"mean: {one:.1f} s with references, {other:.1f} s without; ratio {other / one:.2f}")
    minutes = WANTED * one / CORES / 60.0
    print(f"{WANTED:,} members on {CORES} cores: about {minutes:.0f} minutes, pairs not counted")


def shipped_setup() -> Setup:
    """The shipped ensemble on the shipped data."""
    tables = read_tables()
    definition = read_definition(NAME, tables)
    return Setup(definition, tables, base_scenario(definition, tables))


def solved_starts(setup: Setup) -> tuple[Packed, ...]:
    """Solve the reference futures, and say what that took."""
    began = process_time()
    futures = Futures(setup)
    every = [
        one
        for turns in all_turns(setup.definition, setup.tables)
        for one in futures.references(turns)
    ]
    print(f"{len(every)} reference windows: {process_time() - began:.0f} s", flush=True)
    return tuple(every)


def held_mb() -> float:
    """Memory that this process holds now, MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


if __name__ == "__main__":
    main()
