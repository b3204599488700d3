"""What the shipped scenarios must show on the shipped data, under rolling foresight."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pytest

from supplychain.dataset.data_closure import closure
from supplychain.network.entities import LicenceCategory
from supplychain.policy.licence_rules import category_rules
from supplychain.policy.regimes import read_policy
from supplychain.runs.run_schema import Run
from supplychain.scenario.load_scenario import load_scenario
from supplychain.scenario.scenario import calendar_of
from supplychain.units import WEEKS_PER_YEAR
from tests.shipped.solved import CHINA, SCENARIOS, Solved, magnet_exports, readme_scenario

CONTROLS_OF_2025 = date(2025, 4, 4)
MILITARY_DENIED_SINCE = "2025-04-07"
"""The first Monday under Announcement No. 18; no regime since has approved a military user."""
DENIED_GOODS = ("ndfeb-heavy", "smco", "yttria-powder")
"""Finished goods of No. 18 that military customers buy."""
CHECKS = {
    "mass in every region",
    "mass at every customer",
    "mass of every element",
    "planned = produced + lost",
    "runs within capacity",
    "feeds within what came true",
    "deliveries within what came true",
    "arcs within what came true",
    "recipes within what came true",
    "overtime within what came true",
    "shipped within licences",
    "used within each end user's licences",
    "firms without stock stand still",
    "lost = made up + lost for good",
    "licences used = shipped",
    "objective = sum of its costs",
}


def lost_value(run: Run) -> float:
    return float(run.tables["shortfall"]["lost_value_usd"].sum())


def test_the_readme_command_ends_with_the_page(solved: Solved) -> None:
    said = solved.command()
    assert said.code == 0, said.err
    scenario = readme_scenario()
    page = solved.folder / scenario / "report.html"
    assert said.out.endswith(f"\nPage: {page.as_posix()}\n")
    assert page.stat().st_size > 100_000
    assert lost_value(solved(scenario)) > 0.0


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_check_of_the_record_holds(solved: Solved, scenario: str) -> None:
    """Mass of each element to 1e-6 and the objective as the sum of its costs are among them."""
    checks = {c["name"]: c for c in solved(scenario).record["checks"]}
    assert set(checks) == CHECKS
    for name, found in checks.items():
        assert found["tolerance"] == 1e-6, name
        assert found["residual"] <= 1e-6, name
        assert found["ok"], name


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_is_planned_is_made_or_lost(solved: Solved, scenario: str) -> None:
    rows = solved(scenario).tables["shortfall"]
    gap = (rows["planned"] + rows["made_up"] - rows["produced"] - rows["lost"]).abs()
    assert float((gap / rows["planned"].clip(lower=1e-12)).max()) <= 1e-6
    assert float((rows["lost"] / rows["planned"].clip(lower=1e-12)).min()) >= -1e-12


def test_open_loses_nothing(solved: Solved) -> None:
    """Less than 0.01 % of any customer's plan."""
    by_customer = solved("open").tables["shortfall"].groupby(["segment", "region"])
    sums = by_customer[["planned", "lost"]].sum()
    assert len(sums) == len(solved.network.customers)
    assert float((sums["lost"] / sums["planned"]).max()) < 1e-4


def test_harder_regimes_lose_more_value(solved: Solved) -> None:
    names = ("open", "truce", "slow-licences", "no-truce", "embargo")
    losses = [lost_value(solved(name)) for name in names]
    assert losses == sorted(losses)
    assert len(set(losses)) == len(losses)


def test_denial_hits_munitions_most(solved: Solved) -> None:
    """Outside China, in share of the value planned: more than any civil sector."""
    rows = solved("military-denial").tables["shortfall"]
    rows = rows[rows["region"] != CHINA]
    worth = {(c.segment, c.region): c.value_added_usd_per_unit for c in solved.network.customers}
    keys = zip(rows["segment"], rows["region"], strict=True)
    planned = rows["planned"] * [worth[key] for key in keys]
    sums = rows.assign(planned_usd=planned).groupby("sector")
    totals = sums[["planned_usd", "lost_value_usd"]].sum()
    share = totals["lost_value_usd"] / totals["planned_usd"]
    assert {c.sector for c in solved.network.customers if c.end_use == "military"} == {"munitions"}
    assert len(share) == 5
    assert share["munitions"] > 0.01
    assert share["munitions"] > share.drop("munitions").max()


def denied_weeks(solved: Solved, scenario: str) -> dict[LicenceCategory, set[str]]:
    """Military classes, and the Mondays on which the regime in force approves none of their files.

    Read off the rules of the regimes, not off the licences that the queue made of them.
    """
    loaded = load_scenario(scenario, solved.tables)
    calendar = calendar_of(loaded, loaded.weeks)
    categories = solved.network.categories
    rules = category_rules(categories, read_policy(solved.tables), calendar, loaded.timeline, ())
    denied = (rules.in_force > 0.0) & (rules.approval_share == 0.0) & (rules.general_share == 0.0)
    denied = denied[:, calendar.before :]
    mondays = [(loaded.start + timedelta(weeks=w)).isoformat() for w in range(loaded.weeks)]
    return {
        k: {mondays[w] for w in np.flatnonzero(denied[row])}
        for row, k in enumerate(categories)
        if k.end_use == "military" and denied[row].any()
    }


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "open"])
def test_a_denied_military_buyer_gets_nothing(solved: Solved, scenario: str) -> None:
    """Neither from China nor, where goods made abroad are denied as well, from their makers."""
    network = solved.network
    flows = solved(scenario).tables["flows"]
    usually = solved("open").tables["flows"]
    trade = ["material", "origin", "customer"]
    open_trade = usually[usually["customer"] != ""].groupby(trade)["tonnes"].sum()
    served = flows[flows["customer"] != ""].groupby(trade)
    cut_off: set[tuple[str, str, str]] = set()
    for licence, weeks in denied_weeks(solved, scenario).items():
        for i in licence.deliveries:
            d = network.deliveries[i]
            key = (d.material, d.origin, network.customers[d.customer].name)
            if d.usual_t_per_week > 0.0 and open_trade.get(key, 0.0) > 0.0:
                cut_off.add(key)
            if key in served.groups:
                rows = served.get_group(key)
                late = rows[rows["week"].isin(weeks)]
                assert float(late["tonnes"].sum()) == 0.0, (key, late["week"].iloc[0])
    from_china = {(m, customer) for m, origin, customer in cut_off if origin == CHINA}
    assert {m for m, _ in from_china} >= set(DENIED_GOODS)
    assert len({customer for _, customer in from_china}) >= 10
    if scenario == "military-denial":
        assert {origin for _, origin, _ in cut_off} > {CHINA}


@pytest.mark.parametrize("scenario", [name for name in SCENARIOS if name != "open"])
def test_no_controlled_magnet_leaves_china_for_a_weapon(solved: Solved, scenario: str) -> None:
    """The same from the flows alone: since April 2025 no regime has served a military user."""
    flows = solved(scenario).tables["flows"]
    military = {c.name for c in solved.network.customers if c.end_use == "military"}
    theirs = flows["customer"].isin(military) & flows["material"].isin(DENIED_GOODS)
    abroad = (flows["origin"] == CHINA) & (flows["destination"] != CHINA)
    late = flows["week"] >= MILITARY_DENIED_SINCE
    assert float(flows[theirs & abroad & late]["tonnes"].sum()) == 0.0


def test_hindcast_loses_nothing_before_the_controls(solved: Solved) -> None:
    rows = solved("hindcast-2025").tables["shortfall"]
    before = rows[rows["week"] < CONTROLS_OF_2025.isoformat()]
    assert len(set(before["week"])) == 14
    assert float(before["lost"].sum()) == 0.0
    assert float(rows["lost_value_usd"].sum()) > 0.0


def test_hindcast_first_auto_loss(solved: Solved) -> None:
    """Over 2 % of some region's plan, four to fourteen weeks after 4 April 2025."""
    rows = solved("hindcast-2025").tables["shortfall"]
    weekly = rows[rows["sector"] == "auto"].groupby(["week", "region"])[["planned", "lost"]].sum()
    share = weekly["lost"] / weekly["planned"]
    first = str(share[share > 0.02].index.get_level_values("week").min())
    weeks = (date.fromisoformat(first) - CONTROLS_OF_2025).days / 7.0
    assert 4.0 <= weeks <= 14.0


def exports_by_month(run: Run) -> dict[str, float]:
    """Months ("2025-05") to China's NdFeB exports a day; a week is even over its days."""
    days: dict[str, list[float]] = defaultdict(list)
    for week, tonnes in magnet_exports(run).groupby("week")["tonnes"].sum().items():
        for day in range(7):
            month = (date.fromisoformat(str(week)) + timedelta(days=day)).isoformat()[:7]
            days[month].append(float(tonnes) / 7.0)
    return {month: sum(found) / len(found) for month, found in days.items()}


def test_hindcast_exports_halve_in_may_and_are_back_by_august(solved: Solved) -> None:
    usual = sum(closure(solved.tables).exports_t.values()) / (7.0 * WEEKS_PER_YEAR)
    months = exports_by_month(solved("hindcast-2025"))
    assert months["2025-03"] == pytest.approx(usual, rel=0.05)
    assert months["2025-05"] < 0.5 * usual
    assert months["2025-08"] >= 0.9 * usual
