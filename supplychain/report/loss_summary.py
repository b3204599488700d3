"""What the headline and the table of losses say, recomputed from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from supplychain.formatting import (
    NO_LOSS,
    amount,
    as_date,
    day,
    listing,
    money,
    place,
    points,
    share,
    short_day,
    signed_money,
    significant,
    units_of,
    within,
)
from supplychain.report.run_view import View, filled, ranked, text, totals
from supplychain.runs.run_schema import WORLD

VALUE_UNIT = "million USD"
"""The unit of a sector's sums in the indicators where its segments have several units."""

FIRST_REGIONS = 3
"""At most so many regions are named as the first to lose."""


def lost_outputs(frame: pd.DataFrame) -> tuple[tuple[float, str], ...]:
    """Add up lost output by unit, largest value first; amounts under a hundredth are left out."""
    if frame.empty:
        return ()
    totals = frame.groupby("unit", sort=True)[["lost", "lost_value_usd"]].sum()
    ordered = totals.sort_values(["lost_value_usd", "lost"], ascending=False, kind="stable")
    pairs = zip(ordered.index, ordered["lost"], strict=True)
    return tuple((float(lost), str(unit)) for unit, lost in pairs if lost >= 0.01)


def binding_material(view: View, sector: str) -> str:
    """Name the material whose scarcity costs the sector most, or nothing.

    The score is the marginal value of a kilogram at each customer of the sector, times the
    kilograms it usually gets, over the weeks in which the sector loses output.
    """
    said = view.headline(sector).get("binds")
    if said:
        return str(said)
    code = scarcest_material(view, sector)
    return within(view.material(code)) if code else ""


def scarcest_material(view: View, sector: str) -> str:
    """The code of the material that `binding_material` names, or nothing."""
    values = view.table("marginal_values")
    values = values[filled(values, "customer") & filled(values, "material")]
    if values.empty:
        return ""
    losing = view.table("shortfall")
    losing = losing[(losing["sector"] == sector) & (losing["lost"] > 0)]
    losing = losing.assign(customer=losing["segment"] + "-" + losing["region"].str.lower())
    scored = values.merge(losing[["customer", "week"]].drop_duplicates(), on=["customer", "week"])
    usual = view.table("usual_flows")
    usual = totals(usual[filled(usual, "customer")], ["customer", "material"], ["tonnes_per_week"])
    scored = scored.merge(usual, on=["customer", "material"])
    if scored.empty:
        return ""
    score = scored["usd_per_kg"] * scored["tonnes_per_week"]
    best = score.groupby(scored["material"]).sum()
    return ranked(best)[0] if best.max() > 0 else ""


def sector_loss(view: View, sector: str) -> SectorLoss:
    """Collect what the headline says of one sector."""
    rows = view.indicators[view.indicators["sector"] == sector]
    shortfall = view.table("shortfall")
    world = view.worldwide.get(sector, {})
    stopped = rows[rows["first_week"].map(lambda week: as_date(week) is not None)]
    first = ""
    regions: tuple[str, ...] = ()
    after: int | None = None
    if not stopped.empty:
        first = str(stopped["first_week"].astype(str).min())[:10]
        at_first = stopped[stopped["first_week"].astype(str).str[:10] == first]
        at_first = at_first.sort_values("lost_value_usd", ascending=False, kind="stable")
        regions = tuple(place(view.region(code)) for code in at_first["region"][:FIRST_REGIONS])
        counted = at_first["weeks_to_first_loss"].dropna()
        after = round(float(counted.iloc[0])) if len(counted) else None
    lost = shortfall[(shortfall["sector"] == sector) & (shortfall["lost"] > 0)]
    lost_share = float(world.get("lost_share", 0.0))
    return SectorLoss(
        name=view.sector(sector),
        lost=lost_outputs(lost),
        lost_share=lost_share,
        lost_value_usd=float(world.get("lost_value_usd", 0.0)),
        first_week=first,
        first_regions=regions,
        weeks_after_control=after,
        binds=binding_material(view, sector) if lost_share >= NO_LOSS else "",
    )


def sector_losses(view: View) -> dict[str, SectorLoss]:
    """What each sector loses, in the order of the page."""
    return {sector: sector_loss(view, sector) for sector in view.sectors}


def weekly(view: View) -> pd.DataFrame:
    """What each sector loses by region and week; region "" is all regions.

    Columns: sector, region, week, usd (value lost) and share (of the week's plan, counted as the
    indicators count it: in the sector's own unit, or in value where its segments have several).
    """
    frame = view.table("shortfall")
    amounts = ["planned", "lost", "lost_value_usd"]
    each = totals(frame, ["sector", "region", "week"], amounts)
    every = totals(frame, ["sector", "week"], amounts).assign(region="")
    found = pd.concat([every, each], ignore_index=True)
    plans = view.table("indicators").replace({"region": {WORLD: ""}})
    plans = plans[["sector", "region", "unit", "planned"]]
    plans = plans.rename(columns={"planned": "plan", "unit": "counted"})
    found = found.merge(plans, on=["sector", "region"], how="left")
    in_value = found["counted"] == VALUE_UNIT
    per_week = found["plan"] / max(1, len(view.weeks))
    planned = found["planned"].where(~in_value, per_week)
    lost = found["lost"].where(~in_value, found["lost_value_usd"] / 1e6)
    found["share"] = (lost / planned.where(planned > 0)).fillna(0.0)
    found["usd"] = found["lost_value_usd"]
    return found[["sector", "region", "week", "usd", "share"]]


def lost_words(frame: pd.DataFrame) -> str:
    """Write lost outputs for a table cell.

    >>> rows = [("vehicle", 1234.0, 9.0), ("aircraft", 2.0, 5.0)]
    >>> lost_words(pd.DataFrame(rows, columns=["unit", "lost", "lost_value_usd"]))
    '1,230 vehicles, 2 aircraft'
    """
    return ", ".join(
        f"{amount(value, 3)} {units_of(unit, significant(value, 3))}"
        for value, unit in lost_outputs(frame)
    )


def week_or_none(value: object) -> str:
    """Return an ISO date, or an empty string where there is none."""
    return text(value)[:10] if as_date(value) else ""


@dataclass(frozen=True)
class SectorLoss:
    """What the headline says of one sector; `lost` pairs amounts with units, largest first."""

    name: str
    lost: tuple[tuple[float, str], ...]
    lost_share: float
    lost_value_usd: float
    first_week: str
    first_regions: tuple[str, ...]
    weeks_after_control: int | None
    binds: str


def outputs(lost: Sequence[tuple[float, str]]) -> str:
    """Write lost outputs with their units.

    >>> outputs([(2113482.7, "vehicle"), (14, "aircraft")])
    '2.1 million vehicles and 14 aircraft'
    """
    return listing([f"{amount(v)} {units_of(u, significant(v, 2))}" for v, u in lost])


def sector_sentence(sector: SectorLoss) -> str:
    """Say in one sentence what a sector loses, where and when first, and what binds.

    >>> print(sector_sentence(SectorLoss("Auto", ((2.1e6, "vehicle"),), 0.043, 3.1e10,
    ...     "2026-11-16", ("Europe",), 1, "NdFeB magnets")))
    Auto: 2.1 million vehicles are lost (4.3 % of plan, USD 31 billion of value added) for want \
of NdFeB magnets, first in Europe, from the week of 16 November 2026, 1 week after the first \
change of regime.
    """
    if sector.lost_share < NO_LOSS:
        if sector.lost_value_usd <= 0:
            return f"{sector.name}: no output is lost."
        return f"{sector.name}: no output worth naming is lost (under 0.01 % of plan)."
    what = outputs(sector.lost) or "output"
    worth = f"{share(sector.lost_share)} of plan, {money(sector.lost_value_usd)} of value added"
    want = f" for want of {sector.binds}" if sector.binds else ""
    if not sector.first_week:
        return f"{sector.name}: {what} are lost ({worth}){want}; no week loses over 2 % of plan."
    where = f"first in {listing(sector.first_regions)}, " if sector.first_regions else ""
    after = ""
    if sector.weeks_after_control is not None and sector.weeks_after_control >= 0:
        weeks = "week" if sector.weeks_after_control == 1 else "weeks"
        after = f", {sector.weeks_after_control} {weeks} after the first change of regime"
    return (
        f"{sector.name}: {what} are lost ({worth}){want}, {where}from the week of "
        f"{day(sector.first_week)}{after}."
    )


def summary_sentence(sectors: Sequence[SectorLoss], start: str, weeks: int) -> str:
    """Say in one sentence what all sectors lose together over the horizon."""
    over = f"Over the {weeks} weeks from {day(start)}"
    losing = [s for s in sectors if s.lost_share >= NO_LOSS]
    total = sum(s.lost_value_usd for s in sectors)
    if not losing:
        return f"No sector loses output. {over}, every plan is met."
    worst = max(losing, key=lambda s: s.lost_share)
    spared = [s.name.lower() for s in sectors if s.lost_share < NO_LOSS]
    rest = f" No output is lost in {listing(spared)}." if spared else ""
    return (
        f"{over}, {money(total)} of planned value added is lost. The largest share is lost in "
        f"{worst.name.lower()}: {share(worst.lost_share)} of plan.{rest}"
    )


def told(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """A result that moved in words: measure, old, new, by how much."""
    measure, old, new, gap = (row[name] for name in ("measure", "old", "new", "moved"))
    if measure == "first_week":
        weeks = [short_day(week) or "no stop" for week in (old, new)]
        return "First week over 2 %", weeks[0], weeks[1], _weeks(gap, new)
    if measure == "lost_share":
        return "Of plan lost", share(old), share(new), points(gap)
    return (
        "Value added lost",
        money(old, 3),
        money(new, 3),
        signed_money(gap),
    )


def _weeks(moved: float | None, new: str | None) -> str:
    if moved is None:
        return "now stops" if new else "no stop any more"
    unit = "week" if abs(moved) == 1 else "weeks"
    return f"{abs(moved):g} {unit} {'later' if moved > 0 else 'earlier'}"
