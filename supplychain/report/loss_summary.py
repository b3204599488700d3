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
    money_range,
    place,
    points,
    share,
    short_day,
    signed_money,
    significant,
    units_of,
    weeks_between,
    within,
)
from supplychain.report.run_view import View, filled, once_a_view, ranked, text, totals
from supplychain.runs.run_schema import VALUE_UNIT, sector_units

FIRST_REGIONS = 3
"""At most so many regions are named as the first to lose."""


def lost_outputs(frame: pd.DataFrame, column: str = "lost") -> tuple[tuple[float, str], ...]:
    """Add up lost output by unit, largest value first; amounts under a hundredth are left out."""
    if frame.empty:
        return ()
    totals = frame.groupby("unit", sort=True)[[column, "lost_value_usd"]].sum()
    ordered = totals.sort_values(["lost_value_usd", column], ascending=False, kind="stable")
    pairs = zip(ordered.index, ordered[column], strict=True)
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
    values = view.proven_values
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
    stopped, standing = _standing(view, stopped)
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
        standing=standing,
        weeks_after_control=after,
        binds=binding_material(view, sector) if lost_share >= NO_LOSS else "",
        gone=lost_outputs(lost, "lost_for_good"),
        value_range=value_range(view.headline(sector)),
        first_firm=_first_firm(view, sector),
        avoided=tuple(
            (view.recipe(r["recipe"]), float(r["share_of_output"]), float(r["extra_cost_usd"]))
            for r in view.headline(sector).get("avoided_by") or ()
        ),
    )


def _standing(view: View, stopped: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Regions that stop in the run, and the names of those that its past left standing still."""
    if not view.past_from or stopped.empty:
        return stopped, ()
    still = stopped["first_week"].astype(str).str[:10] == view.weeks[0]
    there = stopped[still].sort_values("lost_value_usd", ascending=False, kind="stable")
    return stopped[~still], tuple(place(view.region(code)) for code in there["region"])


def value_range(said: Mapping[str, Any]) -> tuple[float, float] | None:
    """Low and high of the value lost, from a headline or a sector of one; None without a band."""
    found = (said.get("range") or {}).get("lost_value_usd")
    return (float(found["low"]), float(found["high"])) if found else None


def _first_firm(view: View, sector: str) -> str:
    """Where and when the thinnest firms first stand still, in words; "" if they never do."""
    firm = view.headline(sector).get("first_firm")
    if not firm:
        return ""
    where = place(view.region(firm["region"]))
    return f"in {where} ({within(view.segment(firm['segment']))}), {day(firm['date'])}"


@once_a_view
def sector_losses(view: View) -> dict[str, SectorLoss]:
    """What each sector loses, in the order of the page."""
    return {sector: sector_loss(view, sector) for sector in view.sectors}


@once_a_view
def weekly(view: View) -> pd.DataFrame:
    """What each sector loses by region and week; region "" is all regions.

    Columns: sector, region, week, usd (value lost for good) and share (of the week's plan that is
    not made when planned, in the sector's own unit, or in value where its segments have several).
    """
    keys = ["sector", "segment", "region"]
    worth = view.table("customers")[[*keys, "value_added_usd_per_unit"]]
    frame = view.table("shortfall").merge(worth, on=keys, how="left")
    units = sector_units(view.table("shortfall"))
    in_value = frame["sector"].map(units) == VALUE_UNIT
    scale = frame["value_added_usd_per_unit"].where(in_value, 1.0)
    frame = frame.assign(planned=frame["planned"] * scale, lost=frame["lost"] * scale)
    amounts = ["planned", "lost", "lost_value_usd"]
    each = totals(frame, ["sector", "region", "week"], amounts)
    every = totals(frame, ["sector", "week"], amounts).assign(region="")
    found = pd.concat([every, each], ignore_index=True)
    planned = found["planned"].where(found["planned"] > 0)
    found["share"] = (found["lost"] / planned).fillna(0.0)
    found["usd"] = found["lost_value_usd"]
    return found[["sector", "region", "week", "usd", "share"]]


def lost_words(frame: pd.DataFrame, column: str = "lost") -> str:
    """Write lost outputs for a table cell.

    >>> rows = [("vehicle", 1234.0, 9.0), ("aircraft", 2.0, 5.0)]
    >>> lost_words(pd.DataFrame(rows, columns=["unit", "lost", "lost_value_usd"]))
    '1,230 vehicles, 2 aircraft'
    """
    return ", ".join(
        f"{amount(value, 3)} {units_of(unit, significant(value, 3))}"
        for value, unit in lost_outputs(frame, column)
    )


def week_or_none(value: object) -> str:
    """Return an ISO date, or an empty string where there is none."""
    return text(value)[:10] if as_date(value) else ""


def week_gap(before: str, after: str) -> str:
    """Say how a first week moved.

    >>> week_gap("2026-11-16", "2026-11-30"), week_gap("2026-11-16", ""), week_gap("", "")
    ('2 weeks later', 'no stop any more', '')
    >>> week_gap("", "2026-11-30"), week_gap("2026-11-16", "2026-11-09")
    ('now stops', '1 week earlier')
    """
    if not week_or_none(before):
        return "now stops" if week_or_none(after) else ""
    weeks = weeks_between(before, after)
    if weeks is None:
        return "no stop any more"
    if weeks == 0:
        return "same week"
    unit = "week" if abs(weeks) == 1 else "weeks"
    return f"{abs(weeks)} {unit} {'later' if weeks > 0 else 'earlier'}"


@dataclass(frozen=True)
class SectorLoss:
    """What the headline says of one sector; `lost` pairs amounts with units, largest first.

    `gone` is what of it is lost for good. `avoided` has the other recipes: name, share of output,
    extra cost in USD.
    """

    name: str
    lost: tuple[tuple[float, str], ...]
    lost_share: float
    lost_value_usd: float
    first_week: str
    first_regions: tuple[str, ...]
    weeks_after_control: int | None
    binds: str
    gone: tuple[tuple[float, str], ...] = ()
    value_range: tuple[float, float] | None = None
    first_firm: str = ""
    avoided: tuple[tuple[str, float, float], ...] = ()
    standing: tuple[str, ...] = ()
    """Regions in which a line stands still when the run begins: the past stopped it."""


def outputs(lost: Sequence[tuple[float, str]]) -> str:
    """Write lost outputs with their units.

    >>> outputs([(2113482.7, "vehicle"), (14, "aircraft")])
    '2.1 million vehicles and 14 aircraft'
    """
    return listing([f"{amount(v)} {units_of(u, significant(v, 2))}" for v, u in lost])


def sector_sentence(sector: SectorLoss) -> str:
    """Say what a sector loses, where and when first, what binds, and how loss was avoided.

    >>> print(sector_sentence(SectorLoss("Auto", ((2.1e6, "vehicle"),), 0.043, 3.1e10,
    ...     "2026-11-16", ("Europe",), 1, "NdFeB magnets", ((1.8e6, "vehicle"),), (1.2e10, 4e10),
    ...     "in Europe (battery cars), 9 November 2026", (("motors bought whole", 0.04, 1.5e8),))))
    Auto: 2.1 million vehicles are not made when planned (4.3 % of plan) for want of NdFeB \
magnets; 1.8 million vehicles are lost for good (USD 31 billion of value added; range: USD 12 to \
40 billion). The first firms run out of stock in Europe (battery cars), 9 November 2026. The first \
line stops in Europe, in the week of 16 November 2026, 1 week after the first change of regime. Of \
output, 4 % is made with motors bought whole (USD 150 million more).
    """
    told = [_lost(sector), _firsts(sector), avoided_words(sector.avoided)]
    return " ".join(filter(None, told))


def _lost(sector: SectorLoss) -> str:
    ends = ""
    if sector.value_range and sector.value_range[1] > 0:
        ends = f"range: {money_range(*sector.value_range)}"
    if sector.lost_share < NO_LOSS:
        beside = f" ({ends})" if ends else ""
        if sector.lost_value_usd <= 0:
            return f"{sector.name}: no output is lost{beside}."
        least = ", ".join(filter(None, ["under 0.01 % of plan", ends]))
        return f"{sector.name}: no output worth naming is lost ({least})."
    what = outputs(sector.lost) or "output"
    want = f" for want of {sector.binds}" if sector.binds else ""
    worth = "; ".join(filter(None, [f"{money(sector.lost_value_usd)} of value added", ends]))
    gone = outputs(sector.gone)
    late = f"{gone} are lost for good ({worth})" if gone else f"all is made up later ({worth})"
    if gone == what:
        late = f"all of it is lost for good ({worth})"
    return (
        f"{sector.name}: {what} are not made when planned ({share(sector.lost_share)} of plan)"
        f"{want}; {late}."
    )


def _firsts(sector: SectorLoss) -> str:
    told = [f"The first firms run out of stock {sector.first_firm}."] if sector.first_firm else []
    if sector.standing:
        told.append(f"Lines stand still from the start in {listing(sector.standing)}.")
    if sector.first_week:
        where = f"in {listing(sector.first_regions)}, " if sector.first_regions else ""
        after = ""
        if sector.weeks_after_control is not None and sector.weeks_after_control >= 0:
            weeks = "week" if sector.weeks_after_control == 1 else "weeks"
            after = f", {sector.weeks_after_control} {weeks} after the first change of regime"
        which = "next" if sector.standing else "first"
        stop = f"The {which} line stops {where}in the week of {day(sector.first_week)}{after}."
        told.append(stop)
    elif sector.standing:
        told.append("No other region's line stops.")
    elif sector.lost_share >= NO_LOSS:
        told.append("No line stops.")
    return " ".join(told)


def avoided_words(avoided: Sequence[tuple[str, float, float]]) -> str:
    """Say which part of output was made otherwise, and what that cost more; small parts left out.

    >>> avoided_words([("motors bought whole", 0.2, 1e6), ("ferrite", 1e-6, 1.0)])
    'Of output, 20 % is made with motors bought whole (USD 1 million more).'
    """
    told = [
        f"{share(part)} {'is made ' if place == 0 else ''}with {name} ({money(usd)} more)"
        for place, (name, part, usd) in enumerate(avoided)
        if part >= NO_LOSS
    ]
    return f"Of output, {listing(told)}." if told else ""


def summary_sentence(
    sectors: Sequence[SectorLoss],
    start: str,
    weeks: int,
    ends: tuple[float, float] | None = None,
) -> str:
    """Say in one sentence what all sectors lose together; `ends` are those of the band, in USD."""
    over = f"Over the {weeks} weeks from {day(start)}"
    losing = [s for s in sectors if s.lost_share >= NO_LOSS]
    total = sum(s.lost_value_usd for s in sectors)
    around = f" (range: {money_range(*ends)})" if ends and ends[1] > 0 else ""
    if not losing:
        return f"No sector loses output{around}. {over}, every plan is met."
    worst = max(losing, key=lambda s: s.lost_share)
    spared = [s.name.lower() for s in sectors if s.lost_share < NO_LOSS]
    rest = f" No output is lost in {listing(spared)}." if spared else ""
    return (
        f"{over}, {money(total)} of planned value added is lost for good{around}. The largest "
        f"share is not made when planned in {worst.name.lower()}: {share(worst.lost_share)} of "
        f"plan.{rest}"
    )


def told(row: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """A result that moved in words: measure, old, new, by how much."""
    measure, old, new, gap = (row[name] for name in ("measure", "old", "new", "moved"))
    if measure == "first_week":
        weeks = [short_day(week) or "no stop" for week in (old, new)]
        return "First stop", weeks[0], weeks[1], _weeks(gap, new)
    if measure == "lost_share":
        return "Not made when planned", share(old), share(new), points(gap)
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


def as_of_sentences(record: Mapping[str, Any]) -> list[str]:
    """The last event that the data knew, and a warning where it is long before the start.

    >>> as_of_sentences({"as_of": {"date": "2026-10-07", "name": "No notice", "stale": "late."}})
    ['As of 7 October 2026, the last event that the data know: No notice.', 'Late.']
    >>> as_of_sentences({})
    []
    """
    known = record.get("as_of")
    if not known:
        return []
    told = f"As of {day(known['date'])}, the last event that the data know: {known['name']}."
    late = str(known.get("stale") or "")
    return [told, late[:1].upper() + late[1:]] if late else [told]
