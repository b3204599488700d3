from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from supplychain.case.case import Case, build_case, regime_names
from supplychain.case.planning_days import decision_weeks
from supplychain.case.qualification import qualification_progress
from supplychain.dataset import Tables
from supplychain.errors import InvalidInput
from supplychain.network.entities import Network
from supplychain.scenario.scenario import Entry, Origin, Setting

SLOW_LATER = """timeline:
  - announced: 2026-11-10
    effective: 2026-12-01
    set: {regime: slow, exporter: CHN}
    why: a reason
    source: assumption
"""
ANNOUNCED, EFFECTIVE = 7, 10
"""Weeks of the first Monday on or after the two days."""


@pytest.fixture
def case(network: Network, tables: Tables, load: Any) -> Any:
    """Build a case from the text of a scenario."""

    def call(text: str = "", settings: list[str] | None = None) -> Case:
        return build_case(network, tables, load(text, settings or ()))

    return call


def row(case: Case, destination: str, end_use: str = "civil") -> int:
    keys = [(k.destination, k.end_use) for k in case.network.categories]
    return keys.index((destination, end_use))


def users(case: Case, destination: str, end_use: str = "civil") -> list[int]:
    """Positions of the end users of a class."""
    which = row(case, destination, end_use)
    return [i for i, u in enumerate(case.network.end_users) if u.category == which]


def test_without_entries_nothing_needs_a_licence_and_nothing_grows(case: Any) -> None:
    open_world = case()
    numbers = open_world.believed(0)
    assert np.isinf(numbers.granted).all()
    assert (numbers.valid == 0.0).all()
    assert (numbers.arc_limit == numbers.arc_limit[:, :1]).all()
    assert (numbers.delivery_limit == numbers.delivery_limit[:, :1]).all()
    named = [r.name for r in open_world.network.recipes]
    for name, limit in zip(named, numbers.recipe_limit, strict=True):
        assert (limit == (1.0 if name == "normal" else 0.0)).all()
    assert open_world.first_effective is None
    assert open_world.opening_licences == (0.0,) * len(open_world.network.end_users)


def test_all_numbers_run_over_the_horizon_and_one_window(case: Any) -> None:
    world = case("foresight: {window_weeks: 30}\n")
    assert (world.weeks, world.window_weeks, world.span) == (52, 30, 82)
    numbers = vars(world.known())
    stocks = {name: numbers.pop(name) for name in ("cover_target", "cover_mean")}
    assert all(len(values) == len(world.network.covers) for values in stocks.values())
    for values in numbers.values():
        assert values.shape[1] == 82


def test_planners_believe_what_is_announced_and_no_more(case: Any) -> None:
    world = case(SLOW_LATER)
    before, after = world.believed(ANNOUNCED - 1), world.believed(ANNOUNCED)
    assert np.isinf(before.granted).all()
    assert np.isinf(after.granted[:, :EFFECTIVE]).all()
    assert np.isfinite(after.granted[:, EFFECTIVE:]).all()
    assert (after.granted == world.known().granted).all()
    assert world.first_effective == date(2026, 12, 7)  # the Monday of the first week it rules


def test_perfect_foresight_sees_everything_at_once(case: Any) -> None:
    world = case(SLOW_LATER, ["foresight.mode=perfect"])
    assert (world.believed(0).granted == world.known().granted).all()
    assert world.decisions == (0,)


def test_planners_decide_every_step_and_when_something_is_announced(case: Any) -> None:
    world = case(SLOW_LATER, ["horizon.weeks=12"])
    assert world.decisions == (0, 4, 7, 8)


def test_an_expected_lapse_is_believed_until_its_day_has_come(case: Any) -> None:
    text = """foresight:
  expects:
    - effective: 2026-12-01
      set: {regime: slow, exporter: CHN}
      why: the truce has an end
      source: assumption
"""
    world = case(text)
    assert np.isfinite(world.believed(0).granted[:, EFFECTIVE:]).all()
    assert np.isfinite(world.believed(EFFECTIVE - 1).granted[:, EFFECTIVE:]).all()
    assert np.isinf(world.believed(EFFECTIVE).granted).all()
    assert np.isinf(world.known().granted).all()
    assert EFFECTIVE in world.decisions


def test_an_expected_lapse_gives_way_to_what_is_announced_for_later(case: Any) -> None:
    text = """foresight:
  expects:
    - effective: 2026-12-01
      set: {regime: slow, exporter: CHN}
      why: the truce has an end
      source: assumption
timeline:
  - announced: 2026-09-28
    effective: 2027-03-01
    set: {regime: open, exporter: CHN}
    why: a summit
    source: assumption
"""
    world = case(text)
    granted = world.believed(0).granted
    assert np.isfinite(granted[:, EFFECTIVE:22]).all()
    assert np.isinf(granted[:, 22:]).all()
    (expected,) = world.scenario.as_json()["foresight"]["expects"]
    assert expected["effective"] == "2026-12-01"
    assert "announced" not in expected


def test_history_leaves_licences_and_running_clocks(case: Any) -> None:
    text = SLOW_LATER.replace("2026-11-10", "2025-04-04").replace("2026-12-01", "2025-04-04")
    world = case(text)
    eur = row(world, "EUR")
    numbers = world.believed(0)
    assert np.isfinite(numbers.granted).all()
    # by then half of usual trade is settled a week: of 100 files 60 approved, 20 refused, 20 back
    usual = world.network.categories[eur].usual_t_per_week
    granted = numbers.granted[users(world, "EUR"), 0]
    assert granted.sum() == pytest.approx(0.5 * usual * 60 / 80)
    abroad = [thrifted(world, region) for region in ("EUR",)]
    assert (numbers.recipe_limit[abroad] > 0.0).all()
    assert (numbers.recipe_limit[thrifted(world, "CHN")] == 0.0).all()
    assert world.past_deliveries.sum() < usual_past(world)
    assert world.licence_series()["pending"][eur, 0] > 0.0


def thrifted(world: Case, region: str) -> int:
    customers = world.network.customers
    return next(
        i
        for i, r in enumerate(world.network.recipes)
        if r.name == "thrifted" and customers[r.customer].region == region
    )


def usual_past(world: Case) -> float:
    usual = sum(d.usual_t_per_week for d in world.network.deliveries)
    return usual * world.past_deliveries.shape[1]


def test_without_history_usual_trade_is_under_way(case: Any) -> None:
    world = case(SLOW_LATER)
    assert world.past_deliveries.sum() == pytest.approx(usual_past(world))


def test_no_licence_can_be_carried_into_a_control(case: Any) -> None:
    valid = case(SLOW_LATER).known().valid
    assert (valid[:, :EFFECTIVE] == 0.0).all()


def test_military_buyers_get_nothing_under_denial(case: Any) -> None:
    world = case(SLOW_LATER)
    military = users(world, "USA", "military")
    assert (world.known().granted[military, EFFECTIVE:] == 0.0).all()


def test_what_a_class_is_granted_is_split_among_its_users(case: Any) -> None:
    """Cars take 1500 t of the 1508.5 t that Europe usually buys; makers take the dysprosium."""
    world, network = case(SLOW_LATER), case().network
    eur = users(world, "EUR")
    assert [network.end_users[i].name for i in eur] == ["auto-bev", "makers", "any"]
    granted = world.known().granted[eur, 20]
    assert granted == pytest.approx(granted.sum() * np.array([1500.0, 8.5, 0.0]) / 1508.5)
    free = case(SLOW_LATER, ["licence@parameter:transferable_share=0.4"]).known().granted[eur, 20]
    assert free == pytest.approx([0.6 * granted[0], 0.6 * granted[1], 0.4 * granted.sum()])


def test_of_two_entries_of_a_day_the_more_special_holds(case: Any) -> None:
    special = SLOW_LATER + (
        "  - announced: 2026-11-10\n    effective: 2026-12-01\n"
        "    set: {regime: embargo, exporter: CHN, destination: EUR}\n"
        "    why: a reason\n    source: assumption\n"
    )
    world = case(special)
    names = regime_names(world)
    key = next(k for k in names if k[2] == "EUR")
    assert names[key][EFFECTIVE - 1 : EFFECTIVE + 1] == ["open", "embargo"]
    other = next(k for k in names if k[2] == "USA")
    assert names[other][EFFECTIVE] == "slow"


def test_a_control_cannot_apply_before_its_own_day(case: Any, network: Network) -> None:
    text = SLOW_LATER.replace("2026-11-10", "2024-01-01").replace("2026-12-01", "2024-01-01")
    world = case(text, ["horizon.start=2025-03-03"])
    granted = world.known().granted
    assert np.isinf(granted[:, :5]).all()
    assert np.isfinite(granted[:, 5:]).all()
    assert len(granted) == len(network.end_users)


def ended(tables: Tables, day: date) -> Tables:
    """The same tables with every control ended on a day."""
    rows = tables["controls"].assign(until=pd.Timestamp(day))
    return replace(tables, frames={**tables.frames, "controls": rows})


def test_a_control_that_ended_is_not_reached_by_later_entries(
    network: Network, tables: Tables, load: Any
) -> None:
    """What was set before its end goes on until an entry of its own ends it."""
    for day, reached in ((date(2026, 11, 30), False), (date(2026, 12, 1), True)):
        world = build_case(network, ended(tables, day), load(SLOW_LATER))
        assert np.isfinite(world.known().granted[:, EFFECTIVE:]).all() == reached
        assert np.isinf(world.known().granted[:, :EFFECTIVE]).all()


def test_a_squeeze_on_magnets_counts_for_what_they_are_made_of(network: Network) -> None:
    usable = np.full((len(network.categories), 20), np.inf)
    magnets = [
        i
        for i, k in enumerate(network.categories)
        if any(network.deliveries[d].material == "ndfeb-heavy" for d in k.deliveries)
    ]
    usable[magnets, 12:15] = 0.0
    usual = np.array([[k.usual_t_per_week] for k in network.categories])
    progress = qualification_progress(network, usable, usual, before=10)
    counted = [0.0, 0.0, 1.0, 2.0] + [3.0] * 6
    assert progress.of_user("ndfeb-heavy", "EUR", "civil").tolist() == counted
    assert progress.of_maker("ndpr-oxide").tolist() == counted
    assert progress.of_maker("ore-bayan-obo").tolist() == counted
    assert progress.of_user("ndfeb-heavy", "CHN", "civil").tolist() == [0.0] * 10


def test_enough_licences_are_no_squeeze(network: Network) -> None:
    usual = np.array([[k.usual_t_per_week] for k in network.categories])
    usable = np.repeat(0.9 * usual, 20, axis=1)
    progress = qualification_progress(network, usable, usual, before=10)
    assert progress.of_user("ndfeb-heavy", "EUR", "civil").tolist() == [0.0] * 10
    shorter = qualification_progress(network, 0.99 * usable, usual, before=10)
    assert shorter.of_user("ndfeb-heavy", "EUR", "civil")[-1] == 20.0


def test_other_recipes_come_after_their_lead_and_ramp(case: Any) -> None:
    world = case(SLOW_LATER)
    limit = world.known().recipe_limit[thrifted(world, "EUR")]
    # lead 12, ramp 26, at most half
    assert limit[EFFECTIVE + 11] == 0.0
    assert limit[EFFECTIVE + 12] == pytest.approx(0.5 / 26)
    assert limit[EFFECTIVE + 12 + 26] == 0.5


def test_new_origins_open_after_requalification(case: Any) -> None:
    world = case(SLOW_LATER)
    network, limit = world.network, world.known().delivery_limit
    index = next(
        i
        for i, d in enumerate(network.deliveries)
        if (d.origin, network.customers[d.customer].name) == ("EUR", "guided-weapon-usa")
    )
    wait = int(network.customers[network.deliveries[index].customer].requalification_weeks)
    assert (limit[index, : EFFECTIVE + wait] == 0.0).all()
    assert limit[index, EFFECTIVE + wait] > 0.0
    assert (np.diff(limit[index]) >= 0.0).all()


def test_a_line_starts_on_its_day_and_ramps_up(network: Network, tables: Tables, load: Any) -> None:
    first = replace(
        network.lines[0],
        start=date(2026, 10, 12),
        ramp_weeks=4.0,
        start_share=0.2,
        capacity_t_per_week=100.0,
    )
    late = replace(network, lines=(first, *network.lines[1:]))
    capacity = build_case(late, tables, load("")).known().line_capacity[0]
    assert capacity[:8] == pytest.approx([0.0, 0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 100.0])


def test_before_the_base_year_its_lines_run_in_full(
    network: Network, tables: Tables, load: Any
) -> None:
    """One of 2024 is there in 2010, one of 2026 is not."""
    old, new = (
        replace(network.lines[i], start=day, ramp_weeks=4.0, start_share=0.2)
        for i, day in ((0, date(2024, 12, 31)), (1, date(2026, 1, 5)))
    )
    world = replace(network, lines=(old, new, *network.lines[2:]))
    capacity = build_case(world, tables, load("", ["horizon.start=2010-07-05"])).known()
    full = network.lines[0].capacity_t_per_week
    assert capacity.line_capacity[0] == pytest.approx(
        np.full(capacity.line_capacity.shape[1], full)
    )
    assert (capacity.line_capacity[1] == 0.0).all()


def test_changes_set_their_numbers_in_their_weeks_alone(case: Any) -> None:
    world = case(
        "changes:\n"
        "  - what: site_capacity\n    where: {site: china-mine}\n"
        "    when: {from: 2026-10-12, to: 2026-10-26}\n    value: 0.5\n    unit: share\n"
        "    why: a reason\n    source: assumption\n"
        "  - what: plan\n    where: {sector: auto, region: EUR}\n    value: 120\n    unit: '%'\n"
        "    why: a reason\n    source: assumption\n"
        "  - what: recipe_share\n    where: {recipe: thrifted}\n    value: 0.1\n    unit: share\n"
        "    why: a reason\n    source: assumption\n"
        "  - what: arc_limit\n    where: {material: dy-oxide}\n    value: 2\n    unit: share\n"
        "    why: a reason\n    source: assumption\n"
    )
    numbers, network = world.known(), world.network
    mine = network.line_index["china-mine-ore"]
    usual = network.lines[mine].capacity_t_per_week
    assert numbers.line_capacity[mine, :5] == pytest.approx(
        [usual, usual, usual / 2, usual / 2, usual]
    )
    eur = network.customer_index["auto-bev-eur"]
    assert numbers.plan[eur] == pytest.approx(1.2 * network.customers[eur].plan_per_week)
    chn = network.customer_index["auto-bev-chn"]
    assert numbers.plan[chn] == pytest.approx(network.customers[chn].plan_per_week)
    thrifted = [r.name == "thrifted" for r in network.recipes]
    assert (numbers.recipe_limit[thrifted] == 0.1).all()
    arc = next(i for i, a in enumerate(network.arcs) if a.material == "dy-oxide")
    assert numbers.arc_limit[arc] == pytest.approx(2 * network.arcs[arc].usual_t_per_week)


def test_a_change_is_believed_from_its_announcement(case: Any) -> None:
    world = case(
        "changes:\n  - what: line_capacity\n    where: {line: china-mine-ore}\n"
        "    when: {from: 2026-12-01}\n    announced: 2026-11-10\n    value: 0\n    unit: share\n"
        "    why: a reason\n    source: assumption\n"
    )
    mine = world.network.line_index["china-mine-ore"]
    assert (world.believed(ANNOUNCED - 1).line_capacity[mine] > 0.0).all()
    assert (world.believed(ANNOUNCED).line_capacity[mine, EFFECTIVE:] == 0.0).all()
    assert ANNOUNCED in world.decisions


def test_a_licence_parameter_can_be_changed(case: Any) -> None:
    setting = "licence@parameter:throughput,destination:EUR@2027-01-04..=0.1"
    world, usual = case(SLOW_LATER, [setting]), case(SLOW_LATER)
    weekly = world.network.categories[row(world, "EUR")].usual_t_per_week
    eur = users(world, "EUR")
    assert world.known().granted[eur, 20].sum() == pytest.approx(0.1 * weekly * 60 / 80)
    assert (world.known().granted[eur, :14] == usual.known().granted[eur, :14]).all()
    (record,) = [r for r in world.input_changes() if r["where"]["end_use"] == "civil"]
    assert (record["old"], record["new"]) == (0.5, 0.1)


def test_opening_cover_is_what_is_not_on_the_way(case: Any) -> None:
    world = case()
    network = world.network
    eur = next(
        i
        for i, c in enumerate(network.covers)
        if network.customers[c.customer].name == "auto-bev-eur" and c.need_t_per_week > 0.0
    )
    need = network.covers[eur].need_t_per_week
    way = sum(
        d.usual_t_per_week * d.transit_weeks for d in network.deliveries if d.cover == eur
    ) / sum(d.usual_t_per_week for d in network.deliveries if d.cover == eur)
    assert world.opening_cover[eur] == pytest.approx((11.0 - way) * need)
    short = case("", ["opening_cover@customer:auto-bev-eur=1week"])
    assert short.opening_cover[eur] == pytest.approx(0.2 * need)
    half = case("", ["opening_cover@customer:auto-bev-eur=0.5"])
    assert half.opening_cover[eur] == pytest.approx((5.5 - way) * need)
    (record,) = half.input_changes()
    assert (record["old"], record["new"], record["unit"]) == (11.0, 5.5, "week")


def test_opening_stock_is_set_in_tonnes_and_must_exist(case: Any) -> None:
    world = case("", ["opening_stock@region:EUR,material:dy-oxide=7"])
    place = world.network.place_index["EUR", "dy-oxide"]
    assert world.opening_stock[place] == 7.0
    (record,) = world.input_changes()
    assert record["old"] == world.network.opening_stock[place]
    with pytest.raises(InvalidInput) as caught:
        case("", ["opening_stock@region:USA,material:dy-oxide=7"])
    assert caught.value.problems[0].code == "SCEN-406"


def test_a_case_is_computed_once_for_each_belief(case: Any) -> None:
    world = case(SLOW_LATER)
    assert world.believed(0) is world.believed(ANNOUNCED - 1)
    assert world.believed(ANNOUNCED) is world.known()


def test_decisions_stay_within_the_horizon(load: Any) -> None:
    scenario = load(SLOW_LATER, ["horizon.weeks=12"])
    early = Entry(
        date(2026, 1, 1), date(2026, 1, 1), Setting("slow"), "a", "b", Origin("x.yaml", 1, 1)
    )
    assert decision_weeks(replace(scenario, timeline=(early,))) == (0, 4, 8)


def test_after_a_solved_past_decisions_fall_on_the_same_days_whatever_the_start(load: Any) -> None:
    """The first week of a run is one in any case; without a past steps count from it."""
    scenario = replace(load(SLOW_LATER, ["horizon.weeks=16"]), timeline=())
    assert decision_weeks(replace(scenario, history=None)) == (0, 4, 8, 12)
    days = []
    for later in range(5):
        start = scenario.start + timedelta(weeks=later)
        weeks = decision_weeks(replace(scenario, start=start, history=date(2025, 1, 6)))
        assert weeks[0] == 0
        days.append({start + timedelta(weeks=week) for week in weeks[1:]})
        assert all((day - date(2025, 1, 6)).days % 28 == 0 for day in days[-1])
    common = set.intersection(*days)
    assert len(common) == 3
    assert {(b - a).days for a, b in pairwise(sorted(common))} == {28}


def added(what: str, where: str, value: float, unit: str = "week") -> str:
    return (
        f"  - what: {what}\n    where: {{{where}}}\n    value: {value}\n    unit: {unit}\n"
        "    why: a reason\n    source: assumption\n"
    )


def test_what_is_added_comes_on_top(case: Any) -> None:
    world = case(
        f"changes:\n{added('added_cover', 'customer: auto-bev-eur', 2)}"
        f"{added('added_supply', 'region: EUR, material: dy-oxide', 10, 't/week')}"
        f"{added('recipe_head_start', 'recipe: thrifted', 12 + 13)}"
    )
    plain, network = case(), world.network
    more = np.array(world.opening_cover) - plain.opening_cover
    for i, cover in enumerate(network.covers):
        here = network.customers[cover.customer].name == "auto-bev-eur"
        assert more[i] == pytest.approx(2 * cover.need_t_per_week if here else 0.0)
    supply = world.pipeline().place - plain.pipeline().place
    place = network.place_index["EUR", "dy-oxide"]
    assert supply[place, : world.weeks] == pytest.approx(10.0)
    assert supply.sum() == pytest.approx(10.0 * world.weeks)
    thrifted = [r.name == "thrifted" for r in network.recipes]
    halfway = 0.5 * np.array([r.max_share for r in network.recipes])[thrifted]
    assert (world.known().recipe_limit[thrifted] == halfway[:, None]).all()
    assert [one["old"] for one in world.input_changes()] == [0.0, 0.0, 0.0]


def test_a_head_start_opens_other_makers_and_plants_early(
    network: Network, tables: Tables, case: Any, load: Any
) -> None:
    ahead = case(f"changes:\n{added('maker_head_start', 'region: EUR', 500)}")
    opened = ahead.known().delivery_limit - case().known().delivery_limit
    for i, d in enumerate(network.deliveries):
        customer = network.customers[d.customer]
        at_home = d.origin == customer.region and d.trade_t_per_week > 0.0
        assert (opened[i] > 0.0).all() == (customer.region == "EUR" and not at_home)
    late = replace(network.lines[0], start=date(2027, 3, 1), ramp_weeks=10, start_share=0.0)
    young = replace(network, lines=(late, *network.lines[1:]))
    place = f"line: {late.name}"
    text = f"changes:\n{added('line_head_start', place, 12)}"
    usual = build_case(young, tables, load("")).known().line_capacity[0]
    early = build_case(young, tables, load(text)).known().line_capacity[0]
    assert early[:-12] == pytest.approx(usual[12:])
    assert early.sum() > usual.sum()
