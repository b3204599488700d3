"""The tables of a stress test: what each broken node costs beyond the base, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from supplychain.results.indicators import ROUNDING
from supplychain.runs.kept_arrays import Arrays
from supplychain.study.stress.solve_node import Solved, Stress

Array = NDArray[np.float64]

NODE_COLUMNS = (
    "rank", "node", "kind", "name", "lost_value_usd", "lost_share", "customers_stopped",
    "first_stop", "weeks_to_survive", "first_customer", "weeks_to_recover", "rank_by_first_stop",
)  # fmt: skip
CUSTOMER_COLUMNS = (
    "node", "customer", "sector", "segment", "region", "lost_value_usd", "lost_share",
    "first_stop", "weeks_to_survive", "weeks_to_recover", "material", "weeks_held", "weeks_needed",
)  # fmt: skip
SECTOR_COLUMNS = (
    "node", "sector", "lost_value_usd", "lost_share", "customers_stopped", "first_stop",
    "weeks_to_survive",
)  # fmt: skip
STOCK_COLUMNS = ("node", "customer", "material", "week", "weeks_needed", "weeks_held")


@dataclass(frozen=True)
class Hit:
    """What a broken node costs each customer, beyond the base."""

    lost: Array
    """[customer] USD; below zero where a customer gains."""
    stopped: NDArray[np.bool_]
    """[customer, week] misses more of the plan than in the base by over `stop_threshold`."""

    @property
    def first(self) -> NDArray[np.int64]:
        """[customer] week of the first stop; the weeks of the horizon where there is none."""
        weeks = self.stopped.shape[1]
        found: NDArray[np.int64] = np.where(
            self.stopped.any(axis=1), self.stopped.argmax(axis=1), weeks
        )
        return found

    def recovery(self, reopened: int) -> Array:
        """[customer] weeks from the reopening to the first week after the last stop.

        NaN where it never stopped, or still stands when the horizon ends.
        """
        weeks = self.stopped.shape[1]
        last = weeks - 1 - self.stopped[:, ::-1].argmax(axis=1)
        back = np.maximum(last + 1 - reopened, 0).astype(np.float64)
        known = self.stopped.any(axis=1) & (last < weeks - 1)
        found: Array = np.where(known, back, np.nan)
        return found


def hit_of(arrays: Arrays, base: Arrays, threshold: float, reach: NDArray[np.bool_]) -> Hit:
    """Compare a broken world with the base, for the customers that `reach` names."""
    more = arrays["lost"] - base["lost"]
    lost = arrays["value"] - base["value"]
    least = ROUNDING * base["planned_value"]
    lost = np.where((np.abs(lost) > least) & reach, lost, 0.0)
    return Hit(lost, (more > threshold * base["planned"]) & reach[:, None])


def ranked(frame: DataFrame) -> DataFrame:
    """Nodes by loss, then by first stop, then by name; with their place by first stop."""
    never = frame["weeks_to_survive"].fillna(np.inf)
    sooner = frame.assign(never=never).sort_values(
        ["never", "lost_value_usd", "node"], ascending=[True, False, True], kind="stable"
    )
    place = {node: i for i, node in enumerate(sooner["node"], 1)}
    found = frame.assign(never=never).sort_values(
        ["lost_value_usd", "never", "node"], ascending=[False, True, True], kind="stable"
    )
    found = found.drop(columns="never").reset_index(drop=True)
    found.insert(0, "rank", range(1, len(found) + 1))
    return found.assign(rank_by_first_stop=[place[node] for node in found["node"]])


def by_rank(frame: DataFrame, nodes: DataFrame) -> DataFrame:
    """Rows in the order of their nodes; within a node as they were."""
    place = dict(zip(nodes["node"], nodes["rank"], strict=True))
    order = frame["node"].map(place).sort_values(kind="stable").index
    return frame.loc[order].reset_index(drop=True)


class NodeRows:
    """The rows of the tables for one node."""

    def __init__(
        self, stress: Stress, solved: Solved, base: Arrays, hit: Hit, reach: NDArray[np.bool_]
    ) -> None:
        """Compare a solved node with the base, for the customers that `reach` names."""
        assert solved.arrays is not None
        self.network, self.scenario = stress.network, stress.scenario
        self.node, self.arrays, self.base, self.hit = solved.node, solved.arrays, base, hit
        self.reach = reach
        self.recovery = hit.recovery(stress.setup.break_weeks)

    def node_row(self) -> list[object]:
        """The row of `nodes`, without its ranks."""
        lost, planned = fsum(self.hit.lost), fsum(self.base["planned_value"][self.reach])
        rows = np.flatnonzero(self.reach)
        first, name = self._first_stop(rows)
        stopped = self.hit.stopped.any(axis=1)
        back = self.recovery[stopped]
        return [
            self.node.key,
            self.node.kind,
            self.node.title,
            lost,
            lost / planned if planned else 0.0,
            int(stopped.sum()),
            self._day(first),
            first,
            name,
            float(back.max()) if len(back) and not np.isnan(back).any() else None,
        ]

    def sector_rows(self) -> list[list[object]]:
        """The rows of `sectors`."""
        owner = np.array([c.sector for c in self.network.customers])
        found: list[list[object]] = []
        for sector in self.network.sector_segments:
            rows = np.flatnonzero((owner == sector) & self.reach)
            if not len(rows):
                continue
            lost, planned = fsum(self.hit.lost[rows]), fsum(self.base["planned_value"][rows])
            first, _ = self._first_stop(rows)
            stopped = int(self.hit.stopped[rows].any(axis=1).sum())
            share = lost / planned if planned else 0.0
            found.append([self.node.key, sector, lost, share, stopped, self._day(first), first])
        return found

    def customer_rows(self) -> list[list[object]]:
        """The rows of `customers`: those that lose something or stop."""
        found: list[list[object]] = []
        for i in self._hit():
            c = self.network.customers[i]
            first = self._week(int(self.hit.first[i]))
            planned = float(self.base["planned_value"][i])
            lost, cover = float(self.hit.lost[i]), self._tightest(i)
            back = float(self.recovery[i])
            found.append(
                [
                    self.node.key,
                    c.name,
                    c.sector,
                    c.segment,
                    c.region,
                    lost,
                    lost / planned if planned else 0.0,
                    self._day(first),
                    first,
                    None if np.isnan(back) else back,
                    "" if cover is None else self.network.covers[cover].material,
                    None if cover is None else float(self.arrays["held"][cover]),
                    None if cover is None else float(self.arrays["needed"][cover, -1]),
                ]
            )
        return found

    def stock_rows(self) -> list[list[object]]:
        """The rows of `stock_needed`: customers that stop."""
        found: list[list[object]] = []
        for i in np.flatnonzero(self.hit.stopped.any(axis=1)):
            cover = self._tightest(int(i))
            if cover is None:
                continue
            held = float(self.arrays["held"][cover])
            name, material = self.network.customers[i].name, self.network.covers[cover].material
            found += [
                [
                    self.node.key,
                    name,
                    material,
                    self.scenario.monday(week).isoformat(),
                    float(weeks),
                    held,
                ]
                for week, weeks in enumerate(self.arrays["needed"][cover])
            ]
        return found

    def _hit(self) -> list[int]:
        """Customers that lose something or stop."""
        hit = (self.hit.lost > 0.0) | self.hit.stopped.any(axis=1)
        return [int(i) for i in np.flatnonzero(hit)]

    def _first_stop(self, rows: NDArray[np.int64]) -> tuple[int | None, str]:
        """Week of the first stop among customers, and who stops: the one that loses most."""
        first = self.hit.first[rows]
        week = self._week(int(first.min(initial=self.scenario.weeks)))
        if week is None:
            return None, ""
        there = rows[first == week]
        worst = there[np.argmax(self.hit.lost[there])]
        return week, self.network.customers[worst].name

    def _week(self, week: int) -> int | None:
        return week if week < self.scenario.weeks else None

    def _day(self, week: int | None) -> str:
        return "" if week is None else self.scenario.monday(week).isoformat()

    def _tightest(self, customer: int) -> int | None:
        """The stock of a customer that falls furthest behind what it held; None: no need of any."""
        rows = [
            i
            for i, c in enumerate(self.network.covers)
            if c.customer == customer and c.need_t_per_week > 0.0
        ]
        behind = [float(self.arrays["needed"][i, -1] - self.arrays["held"][i]) for i in rows]
        return rows[int(np.argmax(behind))] if rows else None
