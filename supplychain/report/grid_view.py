"""A solved grid as page and terminal see it: losses, first stops and what binds, point by point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from supplychain.formatting import NO_LOSS, day, listing, money, money_range, place
from supplychain.report.loss_summary import binding_material, value_range, week_or_none
from supplychain.report.run_view import View
from supplychain.study.grid import Axis, Point, SolvedGrid, not_reached

WORTH_USD = 5e5
"""Losses that are nearer to each other count as the same."""


@dataclass(frozen=True)
class Spot:
    """One scenario of a grid: its changes, none for the scenario as it is, and its run."""

    point: Point
    view: View

    @property
    def lost_usd(self) -> float:
        """Value added lost by all sectors, USD."""
        return sum(float(row["lost_value_usd"]) for row in self.view.worldwide.values())

    @property
    def ends(self) -> tuple[float, float] | None:
        """Low and high of what all sectors lose, USD; None without a band."""
        return value_range(self.view.record.get("headline") or {})

    @property
    def first(self) -> tuple[str, str, str] | None:
        """Week, sector and region of the first stop, in codes; None where no line stops."""
        found = [
            (week, -float(row["lost_value_usd"]), row["sector"], row["region"])
            for row in self.view.indicators.to_dict("records")
            if (week := week_or_none(row["first_week"])) and not self._stood(week)
        ]
        week, _, sector, region = min(found, default=("", 0.0, "", ""))
        return (week, str(sector), str(region)) if week else None

    def _stood(self, week: str) -> bool:
        """Whether a stop is what the past left standing still, and none of this scenario's."""
        return bool(self.view.past_from) and week == self.view.start

    @property
    def binds(self) -> str:
        """What bound most, and which of what was varied is no limit here; in sentences."""
        said = str(self.view.record.get("headline", {}).get("bound_most", ""))
        return " ".join(filter(None, [said, *not_reached(self.point, self.view.record)]))

    def share(self, sector: str) -> float:
        """Share of its plan that a sector does not make when planned."""
        return float(self.view.worldwide.get(sector, {}).get("lost_share", 0.0))

    def usd(self, sector: str) -> float:
        """Value added that a sector loses, USD."""
        return float(self.view.worldwide.get(sector, {}).get("lost_value_usd", 0.0))

    def sector_ends(self, sector: str) -> tuple[float, float] | None:
        """Low and high of what a sector loses, USD; None without a band."""
        return value_range(self.view.headline(sector))

    def week(self, sector: str) -> str:
        """First stop of a sector anywhere, ISO; "" where none stops."""
        return week_or_none(self.view.worldwide.get(sector, {}).get("first_week")) or ""

    def material(self, sector: str) -> str:
        """The material whose scarcity costs a sector most; "" where it loses nothing."""
        return binding_material(self.view, sector) if self.share(sector) >= NO_LOSS else ""


@dataclass(frozen=True)
class GridView:
    """A solved grid seen by the report."""

    solved: SolvedGrid

    @property
    def axes(self) -> tuple[Axis, ...]:
        """What is varied."""
        return self.solved.grid.axes

    @cached_property
    def base(self) -> Spot:
        """The scenario as it is."""
        return Spot((), View(self.solved.base))

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """The points of the grid that have an answer, in its order."""
        return tuple(Spot(point, View(run)) for point, run in self.solved.runs)

    @cached_property
    def by_place(self) -> Mapping[frozenset[str], Spot]:
        """Points by the texts of their changes."""
        return {frozenset(one.text for one in spot.point): spot for spot in self.spots}

    def along(self, axis: Axis) -> list[Spot]:
        """The points at which this axis alone is changed, in the order of its values."""
        singles = (self.by_place.get(frozenset({value.text})) for value in axis.values)
        return [spot for spot in singles if spot is not None]

    @property
    def sectors(self) -> list[str]:
        """Sectors in the order of the page."""
        return self.base.view.sectors

    def differing(self, spots: Iterable[Spot] | None = None) -> list[str]:
        """Sectors whose loss or first stop is not the same at all of these points (default all)."""
        every = list(self.spots if spots is None else spots)
        return [sector for sector in self.sectors if self._differs(sector, every)]

    def _differs(self, sector: str, spots: list[Spot]) -> bool:
        usd = [spot.usd(sector) for spot in spots]
        shares = [spot.share(sector) for spot in spots]
        wide = max(usd) - min(usd) > WORTH_USD or max(shares) - min(shares) > NO_LOSS
        return wide or len({spot.week(sector) for spot in spots}) > 1

    def words(self, spot: Spot) -> str:
        """The changes of a point in words; of the scenario itself, that it has none."""
        return listing([one.in_words() for one in spot.point]) or "as it is"

    def first_words(self, spot: Spot) -> str:
        """The first stop of a point in words."""
        if spot.first is None:
            return "no line stops"
        week, sector, region = spot.first
        view = spot.view
        return f"{view.sector(sector).lower()} in {place(view.region(region))}, {day(week)}"

    def same_words(self) -> str:
        """Name the sectors that varying changes nothing for; "" where there are none."""
        differing = set(self.differing())
        same = [sector for sector in self.sectors if sector not in differing]
        if not same:
            return ""
        names = listing([self.base.view.sector(sector).lower() for sector in same])
        return f"What {names} lose does not depend on what is varied, so no panel shows it."

    def verdict(self) -> str:
        """What varying comes to, in two sentences: the span of the loss and of the first stop."""
        ordered = sorted(self.spots, key=lambda spot: spot.lost_usd)
        low, high = ordered[0], ordered[-1]
        name = self.base.view.name
        if high.lost_usd - low.lost_usd <= WORTH_USD:
            lost = f"{name} loses {_lost(low)} whatever the value"
        else:
            lost = (
                f"{name} loses from {_lost(low)} ({self.words(low)}) to {_lost(high)} "
                f"({self.words(high)})"
            )
        if (
            max(high.lost_usd, self.base.lost_usd) - min(low.lost_usd, self.base.lost_usd)
            > WORTH_USD
        ):
            lost += f"; as it is, {_lost(self.base)}"
        stops = sorted((spot.first[0], i) for i, spot in enumerate(self.spots) if spot.first)
        if not stops:
            return f"{lost}. No line stops at any value."
        early, late = (self.spots[i] for _, i in (stops[0], stops[-1]))
        if early.first == late.first:
            moved = f"The first stop is the same: {self.first_words(early)}"
        else:
            moved = (
                f"The first stop is earliest with {self.words(early)} ({self.first_words(early)}) "
                f"and latest with {self.words(late)} ({self.first_words(late)})"
            )
        calm = len(self.spots) - len(stops)
        none = f" At {calm} of {len(self.spots)} points no line stops." if calm else ""
        return f"{lost}. {moved}.{none}"


def _lost(spot: Spot) -> str:
    """What is lost, with its range where there is one."""
    ends = f" (range: {money_range(*spot.ends)})" if spot.ends else ""
    return f"{money(spot.lost_usd)}{ends}"
