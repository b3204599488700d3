"""A planner's own firms on a page: a card each, their rows of first stops, and their filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supplychain import formatting
from supplychain.formatting import amount, day, listing, money, place, share, within
from supplychain.report import uncertainty_band
from supplychain.report.figure import Cell, Table, number_cell
from supplychain.report.page_tables import stop_cell
from supplychain.report.run_view import View
from supplychain.results.indicators import first_stop

Company = Mapping[str, Any]
ENOUGH = 0.1
"""A stock that is short of what is needed by less, in weeks, is enough: hardly half a day."""


def companies(view: View) -> list[Company]:
    """What the run found for each company; none where the data have none."""
    found: list[Company] = list(view.record.get("headline", {}).get("companies") or ())
    return found


def company_cards(view: View) -> list[dict[str, Any]]:
    """One card a company: when it stops, what it loses, which stock would have been enough."""
    return [
        {
            "id": c["company"],
            "sector": c["sector"],
            "region": c["region"],
            "name": c["title"],
            "share": formatting.tight_share(float(c["lost_share"])),
            "loses": float(c["lost_share"]) >= formatting.NO_LOSS,
            "first": first_words(view, c),
            "sentences": [
                uncertainty_band.ends_apart(str(c["first_week"] or ""), ends_stops(view, c)),
                _loss_words(view, c),
                stock_words(view, c),
                _mix_words(view, c),
            ],
            "table": _bought(view, c),
        }
        for c in companies(view)
    ]


def first_words(view: View, company: Company) -> str:
    """When its line first stops, in words."""
    week = str(company["first_week"] or "")
    if not week:
        return "No stop"
    if view.past_from and view.weeks and week == view.weeks[0]:
        return "Stopped before the start"
    after = formatting.weeks_between(view.weeks[0], week) if view.weeks else None
    return f"First stop {day(week)}" + (f", week {after + 1}" if after is not None else "")


def ends_stops(view: View, company: Company) -> dict[str, str]:
    """Its first stop at the ends of the range, "" where there is none; empty without a band."""
    found = {}
    for kind, other in uncertainty_band.other_views(view).items():
        if kind in uncertainty_band.ENDS:
            rows = other.table("shortfall")
            own = (rows["segment"] == company["company"]) & (rows["region"] == company["region"])
            found[kind] = first_stop(rows[own], view.stop_share)
    return found


def _loss_words(view: View, company: Company) -> str:
    segment, region = view.segment(company["carved_from"]), view.region(company["region"])
    market = f"{within(segment)} in {place(region)}"
    if float(company["lost_share"]) < formatting.NO_LOSS:
        return f"Part of {market}; it makes all that it planned."
    recovered = company["recovered_week"]
    over = f"it runs again from {day(recovered)}" if recovered else "it does not recover by the end"
    over = f"; {over}" if company["first_week"] else ""
    return (
        f"Part of {market}; value added of {money(float(company['lost_value_usd']))} is lost for "
        f"good{over}."
    )


def stock_words(view: View, company: Company) -> str:
    """Whether its stock is enough, and how much would have been."""
    short, enough = [], []
    for stock in company["stocks"]:
        held, needed = float(stock["shelf_weeks"]), float(stock["weeks_needed"])
        name = within(view.material(stock["material"]))
        if needed > held + ENOUGH:
            short.append(f"{amount(needed)} weeks of {name} in place of {amount(held)}")
        else:
            enough.append(name)
    if not short:
        return "Its stock is enough: supply never falls behind by more than what is on its shelf."
    rest = f"; its stock of {listing(enough)} is enough" if enough else ""
    return f"It would have come through with {listing(short)} on the shelf{rest}."


def _mix_words(view: View, company: Company) -> str:
    """From whom it bought over the horizon, where it differs from what is usual."""
    moved = [
        f"{within(view.material(b['material']))} from {place(view.region(b['origin']))} "
        f"{share(float(b['share']))} in place of {share(float(b['usual_share']))}"
        for b in company["bought"]
        if abs(float(b["share"]) - float(b["usual_share"])) > MOVED
    ]
    if not moved:
        return "It buys by its usual mix throughout."
    return f"Over the horizon it buys {listing(moved)}."


MOVED = 0.05
"""A share of purchases that moves by less is as usual."""


def _bought(view: View, company: Company) -> Table:
    rows = [
        [
            Cell(view.material(b["material"])),
            Cell(view.region(b["origin"])),
            number_cell(share(float(b["usual_share"])), float(b["usual_share"])),
            number_cell(share(float(b["share"])), float(b["share"])),
        ]
        for b in company["bought"]
    ]
    return Table(("Material", "Bought in", "Usual share", "Share in this run"), rows)


def company_picks(view: View) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The firms that the page can show alone; nothing where there are none."""
    own = [(str(c["company"]), str(c["title"])) for c in companies(view)]
    return [("company", "Your firms", own)] if own else []


def company_rows(view: View) -> list[list[Cell]]:
    """A row of first stops for each company, its week in the column of its sector."""
    return [
        [
            Cell(str(c["title"])),
            *(
                stop_cell(
                    view,
                    str(c["first_week"] or ""),
                    sector,
                    str(c["region"]),
                    list(ends_stops(view, c).values()),
                )
                if sector == c["sector"]
                else Cell("")
                for sector in view.sectors
            ),
        ]
        for c in companies(view)
    ]
