"""Per sector and region: what is lost, when a line first stops, and how loss was avoided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd
from pandas import DataFrame

from supplychain.runs.run_schema import PERFECT, VALUE_UNIT, WORLD, sector_units

Values = Mapping[tuple[str, str, str], float]
"""(sector, segment, region) to value added in USD per unit."""

ROUNDING = 1e-9
"""Less than this share of a plan is rounding of the solver and counts as no loss."""

NORMAL = "normal"
"""The recipe by which a good is made where nothing is scarce."""


def stopped(shortfall: DataFrame, threshold: float) -> pd.Series[bool]:
    """Whether a segment of a region has stopped in a week: the one definition of a stop.

    It has where it makes less than 1 - `threshold` of that week's plan; what it makes up of earlier
    losses is on top of the plan and does not count.
    """
    found: pd.Series[bool] = shortfall["lost"] > threshold * shortfall["planned"]
    return found


def first_stop(shortfall: DataFrame, threshold: float) -> str:
    """The first stop: ISO date of the first week in which any of these rows has stopped, or blank.

    So a sector in a region stops with the first of its segments, and the world with the first of
    its regions.
    """
    weeks = shortfall["week"][stopped(shortfall, threshold)]
    return str(weeks.min())[:10] if len(weeks) else ""


def indicators(
    shortfall: DataFrame,
    values: Values,
    since: date | None,
    firms: DataFrame,
    threshold: float,
) -> DataFrame:
    """The `indicators` table, one row per sector and region and one per sector for the WORLD.

    Args:
        shortfall: the table of that name.
        values: value added per unit.
        since: the first week that a control of the horizon rules, or None.
        firms: the table of that name.
        threshold: share of a week's plan beyond which a line has stopped (`stop_threshold`).
    """
    rows = [
        _row(str(sector), str(region), part, values, unit, since, firms, threshold)
        for sector, unit in sector_units(shortfall).items()
        for region, part in _by_region(shortfall[shortfall["sector"] == sector])
    ]
    table = DataFrame(rows)
    table.insert(0, "scenario", shortfall["scenario"].iloc[0])
    return table


def _by_region(rows: DataFrame) -> Iterable[tuple[str, DataFrame]]:
    yield WORLD, rows
    for region, part in rows.groupby("region"):
        yield str(region), part


def _row(
    sector: str,
    region: str,
    part: DataFrame,
    values: Values,
    unit: str,
    since: date | None,
    firms: DataFrame,
    threshold: float,
) -> dict[str, Any]:
    amounts = ["planned", "lost", "lost_for_good"]
    counted = part[["week", *amounts]]
    if unit == VALUE_UNIT:
        worth = _worth(part, values) / 1e6
        counted = counted.assign(**{name: part[name] * worth for name in amounts})
    weekly = counted.groupby("week")[amounts].sum()
    planned = float(weekly["planned"].sum())
    lost, gone = (_cleared(float(weekly[n].sum()), planned) for n in ("lost", "lost_for_good"))
    share = (weekly["lost"] / weekly["planned"].where(weekly["planned"] > 0.0)).fillna(0.0)
    first = first_stop(part, threshold)
    firm = first_firm(firms, sector, "" if region == WORLD else region)
    return {
        "sector": sector,
        "region": region,
        "unit": unit,
        "planned": planned,
        "lost": lost,
        "lost_share": lost / planned if planned else 0.0,
        "lost_for_good": gone,
        "lost_for_good_share": gone / planned if planned else 0.0,
        "lost_value_usd": float(part["lost_value_usd"].sum()) if gone else 0.0,
        "first_firm_week": firm["date"] if firm else "",
        "first_firm_region": firm["region"] if firm else "",
        "first_firm_segment": firm["segment"] if firm else "",
        "first_week": first,
        "weeks_to_first_loss": _weeks_between(since, first),
        "worst_week": str(share.idxmax()) if first else "",
        "recovered_week": _recovered(part, threshold) if first else "",
    }


def _cleared(lost: float, planned: float) -> float:
    """A loss, or 0 where it is no more than what the solver leaves of rounding.

    >>> _cleared(-1e-9, 1e6), _cleared(3.0, 1e6)
    (0.0, 3.0)
    """
    return lost if lost > ROUNDING * planned else 0.0


def _worth(part: DataFrame, values: Values) -> pd.Series[float]:
    keys = zip(part["sector"], part["segment"], part["region"], strict=True)
    return pd.Series([values[key] for key in keys], index=part.index)


def first_firm(firms: DataFrame, sector: str, region: str = "") -> dict[str, str] | None:
    """Where and when the thinnest firms of a sector first stand still; None if they never do.

    Thinnest are firms with the share of a segment's output that the assumption `thinnest_firms`
    says. Of several segments in the same week the one with the most firms standing is named.
    """
    rows = firms[(firms["sector"] == sector) & (firms["thinnest_first_week"] != "")]
    rows = rows[rows["week"] == rows["thinnest_first_week"]]
    if region:
        rows = rows[rows["region"] == region]
    if rows.empty:
        return None
    order = ["week", "share_short", "region", "segment"]
    first = rows.sort_values(order, ascending=[True, False, True, True]).iloc[0]
    return {
        "date": str(first["week"]),
        "region": str(first["region"]),
        "segment": str(first["segment"]),
    }


def _recovered(part: DataFrame, threshold: float) -> str:
    """The first week after the last one with a stop, blank if the horizon ends before."""
    weeks = part["week"].astype(str)
    after = weeks[weeks > weeks[stopped(part, threshold)].max()]
    return str(after.min()) if len(after) else ""


def _weeks_between(since: date | None, first: str) -> float | None:
    """Weeks from one Monday to another; None where a stop came before the first control."""
    if since is None or not first or date.fromisoformat(first) < since:
        return None
    return (date.fromisoformat(first) - since).days / 7.0


def avoided_by(
    recipes: DataFrame, output: DataFrame, customers: DataFrame, values: Values
) -> dict[str, list[dict[str, Any]]]:
    """Sector to the other ways in which its output was made, the largest first.

    Args:
        recipes: the table `recipes_used`.
        output: the table of that name.
        customers: the table of that name.
        values: value added per unit; shares count output by it, since units differ.

    Returns:
        By sector: recipe, share of the sector's output over the horizon, extra cost in USD.
    """
    known = customers.set_index("customer")[["sector", "segment", "region"]]
    made = output.groupby(["customer", "recipe"], as_index=False)["produced"].sum()
    made = made.join(known, on="customer")
    made["usd"] = made["produced"] * _worth(made, values)
    total = made.groupby("sector")["usd"].sum()
    others = made[made["recipe"] != NORMAL].groupby(["sector", "recipe"])["usd"].sum()
    owner = dict(zip(customers["segment"], customers["sector"], strict=True))
    used = recipes.assign(sector=recipes["segment"].map(owner))
    cost = used.groupby(["sector", "recipe"])["extra_cost_usd"].sum()
    found: dict[str, list[dict[str, Any]]] = {str(sector): [] for sector in total.index}
    for sector, recipe in cost.index:
        found[str(sector)].append(
            {
                "recipe": str(recipe),
                "share_of_output": float(others[sector, recipe] / total[sector]),
                "extra_cost_usd": float(cost[sector, recipe]),
            }
        )
    for rows in found.values():
        rows.sort(key=lambda row: (-row["share_of_output"], row["recipe"]))
    return found


def headline(table: DataFrame, avoided: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """The sectors of the headline as `--json` gives them, from the `indicators` table."""
    sectors: dict[str, Any] = {}
    for sector, rows in table.groupby("sector"):
        (world,) = rows[rows["region"] == WORLD].to_dict("records")
        sectors[str(sector)] = {
            **_measures(world),
            "avoided_by": avoided.get(str(sector), []),
            "by_region": {
                str(row["region"]): _measures(row)
                for row in rows[rows["region"] != WORLD].to_dict("records")
            },
        }
    return sectors


def _measures(row: Mapping[Any, Any]) -> dict[str, Any]:
    """What the headline says of a sector, in a region or in the world."""
    firm = {
        "date": row["first_firm_week"],
        "region": row["first_firm_region"],
        "segment": row["first_firm_segment"],
    }
    return {
        "lost": float(row["lost"]),
        "unit": str(row["unit"]),
        "lost_share": float(row["lost_share"]),
        "lost_for_good": float(row["lost_for_good"]),
        "lost_for_good_share": float(row["lost_for_good_share"]),
        "lost_value_usd": float(row["lost_value_usd"]),
        "first_week": row["first_week"] or None,
        "first_firm": firm if row["first_firm_week"] else None,
    }


def with_range(
    found: Mapping[str, Any], own: Mapping[str, DataFrame], others: Mapping[str, DataFrame]
) -> dict[str, Any]:
    """A headline with the range of a band beside each result: sectors, their regions, the sum.

    Perfect foresight is no end of the range, since nobody has it; its loss is under `band`.

    Args:
        found: the headline of the run.
        own: the run's allocation to its table `indicators`.
        others: the other runs of the band, by kind, to theirs.
    """
    tables = {**own, **others}
    ends = {kind: table for kind, table in tables.items() if kind != PERFECT}
    sectors = {}
    for sector, words in found["sectors"].items():
        lost = {kind: _of(table, sector, WORLD)["lost_value_usd"] for kind, table in tables.items()}
        places = {
            region: {**said, "range": _range([_of(t, sector, region) for t in ends.values()])}
            for region, said in words["by_region"].items()
        }
        sectors[sector] = {
            **words,
            "range": _range([_of(table, sector, WORLD) for table in ends.values()]),
            "band": lost,
            "by_region": places,
        }
    sums = [float(_world(table)["lost_value_usd"].sum()) for table in ends.values()]
    return {**found, "sectors": sectors, "range": {"lost_value_usd": _span(sums)}}


def _world(table: DataFrame) -> DataFrame:
    return table[table["region"] == WORLD]


def _of(table: DataFrame, sector: str, region: str) -> dict[str, Any]:
    rows = table[(table["sector"] == sector) & (table["region"] == region)]
    (found,) = rows.to_dict("records")
    return {str(name): value for name, value in found.items()}


def _span(values: Iterable[float]) -> dict[str, float]:
    known = [float(value) for value in values]
    return {"low": min(known), "high": max(known)}


def _range(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The lowest and the highest loss, and the earliest and latest first stop (None: no stop)."""
    known = list(rows)
    measures = ("lost_value_usd", "lost_share", "lost_for_good_share")
    weeks = sorted((str(row["first_week"] or "") for row in known), key=lambda w: (not w, w))
    return {
        **{name: _span(row[name] for row in known) for name in measures},
        "first_week": {"earliest": weeks[0] or None, "latest": weeks[-1] or None},
    }
