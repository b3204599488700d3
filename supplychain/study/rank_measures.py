"""Measures solved on a scenario: each alone, then together within a budget.

Every number is the difference of two runs by the same settings; a measure that makes it worse, as
it may under rolling foresight, has a value below zero. With n measures and a plan of k steps there
are n + 1 solves and, at worst, n - 1 more a step; as a rule two to four (`measure_plan`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import combinations
from pathlib import Path
from typing import Any

from supplychain.case.growth import growth_over
from supplychain.case.opening_inventory import added_goods
from supplychain.dataset import Tables
from supplychain.errors import InvalidInput, NotSolved, Problem, problem
from supplychain.runs.provenance import run_id
from supplychain.runs.records import read_run_record
from supplychain.runs.run_cache import find_kept, keep
from supplychain.scenario.measure_sets import (
    Measure,
    exclude_each_other,
    read_measures,
    with_measures,
)
from supplychain.scenario.scenario import Scenario, calendar_of
from supplychain.scenario.vocabulary import read_vocabulary
from supplychain.study.measure_plan import Candidates, Names, Point, frontier, greedy_plan
from supplychain.study.measure_ranking import Amount, Asked, FirstStop, Ranked, Ranking, Solved
from supplychain.study.run_request import RunRequest, resolve
from supplychain.study.solve_many import DIED, side_by_side
from supplychain.study.solve_scenario import OnProgress, World, open_world, run_resolved

KILOGRAMS = 1000.0
"""In a tonne."""


def ask(
    request: RunRequest,
    world: World,
    out: Path,
    *,
    measures: str,
    only: Sequence[str],
    budget: float,
    most: int,
) -> Asked:
    """Read scenario and measures, and check all that was asked for, before anything is solved.

    Raises:
        NothingMatched: there is no such scenario or set.
        InvalidInput: the scenario, a measure, a name or the budget is wrong; all problems.
    """
    problems: list[Problem] = []
    if not budget >= 0.0:
        text = f"a budget of {budget:g} USD is no amount of money."
        problems.append(problem("MEAS-402", text, path="--budget", hint="Give 0 or more."))
    scenario = resolve(request, world.tables)
    try:
        found = read_measures(measures, world.tables, scenario, request.folders, only)
    except InvalidInput as error:
        raise InvalidInput(error.message, [*problems, *error.problems]) from error
    if problems:
        raise InvalidInput("The measures cannot be used.", problems)
    return Asked(request, scenario, found, budget, most, out)


@dataclass
class Solver:
    """Solves combinations of measures, each once; runs are kept by content below `out`."""

    asked: Asked
    world: World
    workers: int
    quiet: bool
    found: dict[Names, Solved] = field(default_factory=dict)

    def have(self, wanted: Sequence[Names]) -> list[Solved]:
        """The combinations in the order given; what is not kept is solved, in processes if many."""
        for names in dict.fromkeys(wanted):
            if names not in self.found:
                kept = _kept(self.asked, names, self.world.tables)
                if kept is not None:
                    self.found[names] = kept
        missing = [names for names in dict.fromkeys(wanted) if names not in self.found]
        if self.workers > 1 and len(missing) > 1:
            jobs = [partial(_in_process, self.asked, names) for names in missing]
            made = side_by_side(
                jobs,
                self.workers,
                "measures",
                quiet=self.quiet,
                named=_words,
                lost=lambda place: Solved(missing[place], "", {}, fresh=True, error=DIED),
            )
        else:
            made = [self._here(names) for names in missing]
        self.found.update({one.measures: one for one in made})
        return [self.found[names] for names in wanted]

    def _here(self, names: Names) -> Solved:
        from supplychain.progress import Progress

        with Progress(_title(names), quiet=self.quiet) as progress:
            return _solve(self.asked, names, self.world, progress)


def rank(asked: Asked, world: World, *, workers: int = 1, quiet: bool = False) -> Ranking:
    """Solve the base, each measure alone, and a greedy plan within the budget.

    Raises:
        NotSolved: the scenario has no answer without any measure.
        OSError: a run cannot be kept.
    """
    solver = Solver(asked, world, workers, quiet)
    measures = {m.name: m for m in asked.measures.measures}
    base, *alone = solver.have([(), *((name,) for name in measures)])
    if base.error:
        raise NotSolved(base.error)
    goods = {name: goods_of(asked, world, measure) for name, measure in measures.items()}
    cost = {n: cost_of(m, goods[n], asked.scenario, world.tables) for n, m in measures.items()}
    ranked = [
        _ranked(measures[one.measures[0]], cost, goods, base, one) for one in alone if not one.error
    ]
    ranked.sort(key=lambda r: (-r.per_usd.central, r.measure.name))
    words = read_vocabulary(world.tables)
    pairs = combinations([r.measure for r in ranked], 2)
    candidates = Candidates(
        {n: c.central for n, c in cost.items() if n in {r.measure.name for r in ranked}},
        frozenset(
            frozenset((a.name, b.name))
            for a, b in pairs
            if exclude_each_other(a, b, asked.scenario, words)
        ),
    )
    plan = greedy_plan(
        candidates,
        base.lost_usd,
        {r.measure.name: r.solved.lost_usd for r in ranked},
        lambda wanted: [one.lost_usd for one in solver.have(wanted)],
        budget=asked.budget,
        most=asked.most,
    )
    points = [
        Point(one.measures, sum(cost[n].central for n in one.measures), one.lost_usd)
        for one in solver.found.values()
    ]
    every = list(solver.found.values())
    fresh = sum(one.fresh for one in every)
    return Ranking(
        asked,
        base,
        tuple(ranked),
        tuple(one for one in every if one.error),
        tuple(plan),
        tuple(frontier(points)),
        _names(world.tables),
        {"solved": fresh, "kept": len(every) - fresh},
    )


def _names(tables: Tables) -> dict[str, str]:
    """What readers call regions, materials and sources."""
    columns = (("regions", "region", "name"), ("materials", "material", "name"),
               ("sources", "source", "title"))  # fmt: skip
    return {
        str(row[key]): str(row[name])
        for table, key, name in columns
        for row in tables.records(table)
    }


def goods_of(asked: Asked, world: World, measure: Measure) -> dict[str, float]:
    """Material to the kilograms that a measure adds over the horizon."""
    scenario = asked.scenario
    network = world.solver_of(scenario.start).network
    calendar = calendar_of(scenario, scenario.weeks)
    growth = growth_over(network, scenario.demand, calendar).customers[:, calendar.before]
    tonnes = added_goods(network, scenario, measure.changes, growth)
    return {material: KILOGRAMS * t for material, t in tonnes.items()}


def cost_of(
    measure: Measure, goods_kg: Mapping[str, float], scenario: Scenario, tables: Tables
) -> Amount:
    """What a measure costs over the horizon: the sum of its costs, low with low, high with high.

    A cost by price takes the price of each material of the data with its own range.
    """
    prices = {
        str(row["material"]): row
        for row in tables.records("material_numbers")
        if row["quantity"] == "price"
    }
    total = dict.fromkeys(("value", "low", "high"), 0.0)
    for cost in measure.costs:
        for end in total:
            paid = sum(kg * _price(prices[material], end) for material, kg in goods_kg.items())
            units = {
                "USD": 1.0,
                "USD/kg": sum(goods_kg.values()),
                "price": paid,
                "price/week": paid * scenario.weeks,
            }
            total[end] += getattr(cost, end) * units[cost.unit]
    return Amount(total["value"], total["low"], total["high"])


def _price(row: Mapping[str, Any], end: str) -> float:
    return float(row["value"] if row[end] is None else row[end])


def _ranked(
    measure: Measure,
    cost: Mapping[str, Amount],
    goods: Mapping[str, Mapping[str, float]],
    base: Solved,
    solved: Solved,
) -> Ranked:
    before, after = base.headline["sectors"], solved.headline["sectors"]
    by_sector = {
        sector: float(before[sector]["lost_value_usd"] - after[sector]["lost_value_usd"])
        for sector in before
    }
    return Ranked(
        measure=measure,
        cost=cost[measure.name],
        goods_kg=goods[measure.name],
        solved=solved,
        kept_usd=base.lost_usd - solved.lost_usd,
        kept_by_sector=by_sector,
        first_stop=_first_stop(before, after),
        recipes_usd=solved.recipes_usd - base.recipes_usd,
    )


def _first_stop(before: Mapping[str, Any], after: Mapping[str, Any]) -> FirstStop | None:
    """The first stop of the sector and region in which most is kept; None if none keeps any."""
    gains = {
        (sector, region): float(words["lost_value_usd"])
        - float(after[sector]["by_region"][region]["lost_value_usd"])
        for sector, found in before.items()
        for region, words in found["by_region"].items()
    }
    sector, region = max(gains, key=lambda key: (gains[key], key))
    if gains[sector, region] <= 0.0:
        return None
    weeks = (side[sector]["by_region"][region]["first_week"] for side in (before, after))
    return FirstStop(sector, region, *weeks)


def _scenario(asked: Asked, names: Names) -> Scenario:
    by_name = {m.name: m for m in asked.measures.measures}
    return with_measures(asked.scenario, [by_name[name] for name in names])


def _id(asked: Asked, scenario: Scenario, data: str) -> str:
    return run_id(scenario.as_json(), data, scenario.foresight.mode, asked.request.allocation)


def _kept(asked: Asked, names: Names, tables: Tables) -> Solved | None:
    """A combination that an earlier call has solved, or None."""
    key = _id(asked, _scenario(asked, names), tables.hash)
    folder = find_kept(asked.out, key)
    if folder is None:
        return None
    return Solved(names, key, read_run_record(folder)["headline"], fresh=False)


def _solve(
    asked: Asked, names: Names, world: World, on_progress: OnProgress | None = None
) -> Solved:
    """Solve one combination and keep its run."""
    scenario = _scenario(asked, names)
    key = _id(asked, scenario, world.tables.hash)
    try:
        run = run_resolved(scenario, asked.request, world, on_progress)
    except NotSolved as error:
        return Solved(names, key, {}, fresh=True, error=error.message)
    keep(run, asked.out)
    return Solved(names, key, run.headline, fresh=True)


def _in_process(asked: Asked, names: Names) -> Solved:
    """The same in a process of its own, which opens the data once for all that it solves."""
    request = asked.request
    return _solve(asked, names, _world(request.data, tuple(request.overlays), request.threads))


@cache
def _world(data: Path | None, overlays: tuple[Path, ...], threads: int) -> World:
    return open_world(data, overlays, threads)


def _title(names: Names) -> str:
    return " + ".join(names) or "without measures"


def _words(solved: Solved) -> str:
    return _title(solved.measures)
