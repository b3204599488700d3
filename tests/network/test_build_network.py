"""From the tables of the tiny world to its network."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace as replaced
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from supplychain.dataset import Tables, read_tables
from supplychain.network.build_network import build_network
from supplychain.network.entities import Network
from supplychain.units import per_week

TINY = Path(__file__).parent.parent / "worlds" / "tiny"


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_tables(TINY, [])


@pytest.fixture(scope="module")
def network(tables: Tables) -> Network:
    return build_network(tables)


def with_rows(tables: Tables, name: str, *rows: dict[str, Any]) -> Tables:
    """The same tables with rows added, or put in place of those with the same key."""
    frame = pd.concat([tables[name], pd.DataFrame(rows)], ignore_index=True)
    keys = [c for c in frame.columns if c in rows[0] and c not in ("value", "low", "high", "raw")]
    frame = frame.drop_duplicates(keys, keep="last").reset_index(drop=True)
    return replaced(tables, frames={**tables.frames, name: frame})


def without_rows(tables: Tables, name: str) -> Tables:
    return replaced(tables, frames={**tables.frames, name: tables[name].iloc[:0]})


def scope(**words: str) -> dict[str, Any]:
    row = {"control": "rule", "exporter": "ANY", "destination": "ANY", "end_use": "ANY"}
    return {**row, **words, "note": "", "source": "assumption"}


def test_objects_are_sorted_by_their_words(network: Network) -> None:
    n = network
    for words in (
        list(n.regions),
        list(n.elements),
        list(n.materials),
        list(n.places),
        [x.name for x in n.lines],
        [c.name for c in n.customers],
        [(a.material, a.origin, a.destination) for a in n.arcs],
        [(c.customer, c.material) for c in n.covers],
        [(d.material, d.origin, d.customer, d.mode) for d in n.deliveries],
        [(k.control, k.exporter, k.destination, k.end_use) for k in n.categories],
        list(n.sector_segments),
        list(n.assumptions),
    ):
        assert words == sorted(set(words))
    owners = [r.customer for r in n.recipes]
    assert owners == sorted(owners)


def test_order_of_the_files_does_not_matter(tables: Tables, network: Network) -> None:
    turned = {name: tables[name].iloc[::-1].reset_index(drop=True) for name in tables}
    assert build_network(replaced(tables, frames=turned)) == network


def test_usual_deliveries_sum_to_the_arcs(network: Network) -> None:
    """1500 t a year from China to Europe and 500 within; all of it goes to cars."""
    bought: dict[int, float] = defaultdict(float)
    for d in network.deliveries:
        bought[d.arc] += d.usual_t_per_week
    for i, arc in enumerate(network.arcs):
        if arc.final:
            assert bought[i] == pytest.approx(arc.usual_t_per_week)
    assert per_week(1500.0) == pytest.approx(28.747433264887064)


def test_usual_deliveries_sum_to_the_needs(network: Network) -> None:
    """A million cars with 2 kg each need 2000 t a year."""
    for i, cover in enumerate(network.covers):
        bought = sum(d.usual_t_per_week for d in network.deliveries if d.cover == i)
        assert bought == pytest.approx(cover.need_t_per_week)
    cars = network.customer_index["auto-bev-eur"]
    need = [c.need_t_per_week for c in network.covers if c.customer == cars]
    assert need == [pytest.approx(per_week(2000.0))]


def two_buyers(tables: Tables, **shares: float) -> Network:
    """Weapons in Europe beside its cars: 40,000 of 5 kg, 200 t a year, with their own sourcing."""
    number = {"unit": "unit/a", "kind": "assumed", "source": "assumption", "note": ""}
    name = "guided-weapon-eur"
    world = with_rows(
        tables, "customers", {"customer": name, "segment": "guided-weapon", "region": "EUR"}
    )
    world = with_rows(
        world,
        "customer_numbers",
        {"customer": name, "quantity": "plan", "value": 40000.0, **number},
        {"customer": name, "quantity": "value_added", "value": 5e5, **number},
    )
    cover = {"customer": name, "material": "ndfeb-heavy", "value": 12.0}
    world = with_rows(
        world,
        "covers",
        {**cover, "quantity": "opening_cover"},
        {**cover, "quantity": "target_cover"},
    )
    sourcing = [
        {"customer": name, "material": "ndfeb-heavy", "origin": origin, "value": share}
        for origin, share in shares.items()
    ]
    return build_network(with_rows(world, "sourcing", *sourcing) if sourcing else world)


def from_origin(network: Network, customer: str) -> dict[str, float]:
    """Tonnes a year by origin."""
    who = network.customer_index[customer]
    weeks = 1.0 / per_week(1.0)
    found: dict[str, float] = defaultdict(float)
    for d in network.deliveries:
        if d.customer == who:
            found[d.origin] += weeks * d.usual_t_per_week
    return {origin: round(tonnes, 6) for origin, tonnes in found.items()}


def test_customers_share_the_mix_of_their_region(tables: Tables) -> None:
    """Europe buys 1500 t from China and 500 t at home: everybody there buys three to one."""
    network = two_buyers(tables)
    assert from_origin(network, "guided-weapon-eur") == {"CHN": 150.0, "EUR": 50.0}
    assert from_origin(network, "auto-bev-eur") == {"CHN": 1500.0, "EUR": 500.0}


def test_customer_with_its_own_sourcing_leaves_the_rest_to_the_others(tables: Tables) -> None:
    """200 t at home for weapons leave 300 there: cars buy 1500 to 300, of 2000 t."""
    network = two_buyers(tables, EUR=1.0)
    assert from_origin(network, "guided-weapon-eur") == {"CHN": 0.0, "EUR": 200.0}
    cars = from_origin(network, "auto-bev-eur")
    assert cars["CHN"] == pytest.approx(2000.0 * 1500.0 / 1800.0, abs=1e-3)
    assert cars["EUR"] == pytest.approx(2000.0 * 300.0 / 1800.0, abs=1e-3)


def test_classes_of_the_tiny_world(network: Network) -> None:
    """China's magnets and dysprosium oxide: to Europe's cars and lines, and to US weapons."""
    found = {(k.destination, k.end_use): k for k in network.categories}
    assert set(found) == {("EUR", "civil"), ("USA", "military")}
    europe = found["EUR", "civil"]
    assert [network.arcs[i].material for i in europe.arcs] == ["dy-oxide"]
    assert len(europe.deliveries) == 1
    assert europe.usual_t_per_week == pytest.approx(per_week(1500.0 + 8.5))
    assert found["USA", "military"].usual_t_per_week == pytest.approx(per_week(50.0))


CARS = ("CHN", "EUR", "civil")
WEAPONS = ("CHN", "USA", "military")
EUROPEAN_WEAPONS = ("EUR", "USA", "military")
SCOPES: list[tuple[dict[str, str], set[Any]]] = [
    ({"material": "ndfeb-heavy"}, {CARS, WEAPONS, EUROPEAN_WEAPONS}),
    ({"material": "ndfeb-heavy", "exporter": "CHN"}, {CARS, WEAPONS}),
    ({"material": "ndfeb-heavy", "exporter": "EUR"}, {EUROPEAN_WEAPONS}),
    ({"material": "ndfeb-heavy", "destination": "EUR"}, {CARS}),
    ({"material": "ndfeb-heavy", "end_use": "military"}, {WEAPONS, EUROPEAN_WEAPONS}),
    ({"material": "ndfeb-heavy", "destination": "EUR", "end_use": "military"}, set()),
    ({"material": "ndpr-oxide"}, {CARS}),
    ({"material": "ndpr-oxide", "end_use": "military"}, set()),
    ({"material": "ore-bayan-obo"}, set()),
]


@pytest.mark.parametrize(("words", "expected"), SCOPES)
def test_scope_of_a_control(tables: Tables, words: dict[str, str], expected: set[Any]) -> None:
    """ANY is everybody; goods for lines count as civil; trade at home needs no licence."""
    world = with_rows(without_rows(tables, "control_scope"), "control_scope", scope(**words))
    found = build_network(world).categories
    assert {(k.exporter, k.destination, k.end_use) for k in found} == expected
    for k in found:
        assert k.arcs or k.deliveries


def test_two_controls_on_one_flow_are_two_classes(tables: Tables) -> None:
    other = scope(control="other", material="ndfeb-heavy", destination="EUR")
    network = build_network(with_rows(tables, "control_scope", other))
    to_europe = [k for k in network.categories if k.destination == "EUR"]
    assert [k.control for k in to_europe] == ["cn-2025-18-magnets", "other"]
    assert set(to_europe[1].deliveries) <= set(to_europe[0].deliveries)


def test_two_rows_of_one_control_count_a_flow_once(tables: Tables) -> None:
    again = scope(control="cn-2025-18-magnets", material="ndfeb-heavy", destination="EUR")
    assert build_network(with_rows(tables, "control_scope", again)) == build_network(tables)


def test_a_control_that_ended_has_classes_for_older_scenarios_alone(tables: Tables) -> None:
    rows = tables["controls"].assign(until=pd.Timestamp("2010-12-15"))
    world = replaced(tables, frames={**tables.frames, "controls": rows})
    assert build_network(world).categories == ()
    assert build_network(world, date(2010, 7, 5)).categories == build_network(tables).categories
    assert build_network(world, date(2010, 12, 16)).categories == ()


def test_opening_stock_is_weeks_of_throughput_and_special_stockpiles(network: Network) -> None:
    """Europe: four weeks of the 8.5 t of dysprosium oxide a year it brings in, and a tonne."""
    at = network.place_index["EUR", "dy-oxide"]
    assert network.usual_stock[at] == pytest.approx(4.0 * per_week(8.5))
    assert network.opening_stock[at] == pytest.approx(4.0 * per_week(8.5) + 1.0)
    mine = network.place_index["CHN", "ore-bayan-obo"]
    assert network.opening_stock[mine] == pytest.approx(2.0 * per_week(10000.0))


def test_arc_that_only_delivers_feeds_nothing(network: Network) -> None:
    for arc in network.arcs:
        assert arc.final == (arc.material == "ndfeb-heavy")
        assert arc.feeds == (not arc.final)
        assert arc.usual_feed_t_per_week == (arc.usual_t_per_week if arc.feeds else 0.0)
    assert ("EUR", "ndfeb-heavy") in network.place_index
    assert ("USA", "ndfeb-heavy") not in network.place_index


def test_goods_that_customers_and_lines_both_use(tables: Tables) -> None:
    """Cars that also take NdPr oxide: what is not delivered of the 170 t feeds Europe's lines."""
    row = {"segment": "auto-bev", "recipe": "normal", "material": "ndpr-oxide", "value": 0.05}
    world = with_rows(tables, "intensities", row)
    covers = [
        {"customer": f"auto-bev-{r}", "material": "ndpr-oxide", "quantity": q, "value": 4.0}
        for r in ("chn", "eur")
        for q in ("opening_cover", "target_cover")
    ]
    network = build_network(with_rows(world, "covers", *covers))
    arc = next(a for a in network.arcs if a.material == "ndpr-oxide")
    assert arc.final
    assert arc.feeds
    assert arc.usual_feed_t_per_week == pytest.approx(per_week(170.0 - 50.0))


def test_recipe_without_any_material_has_no_needs(network: Network) -> None:
    free = [r for r in network.recipes if r.name == "rare-earth-free"]
    assert len(free) == 2
    assert all(r.needs == () for r in free)
    normal = [r for r in network.recipes if r.name == "normal"]
    assert [r.max_share for r in normal] == [1.0] * len(network.customers)


def with_flights(tables: Tables, least_price: float, weeks: float = 1.0) -> Network:
    """Goods over a price may fly from China to Europe, which is five weeks by sea."""
    lane = {"origin": "CHN", "destination": "EUR"}
    rows = [
        {**lane, "quantity": "air_transit", "value": weeks},
        {**lane, "quantity": "air_freight", "value": 5000.0},
    ]
    price = {"assumption": "air_freight_least_price", "value": least_price}
    return build_network(with_rows(with_rows(tables, "lanes", *rows), "assumptions", price))


def test_dear_goods_may_fly_where_a_lane_has_an_air_transit(tables: Tables) -> None:
    """Magnets at 70 USD a kilogram: the same trade by air, of which nothing is usual."""
    network = with_flights(tables, least_price=50.0)
    air = [d for d in network.deliveries if d.mode == "air"]
    assert [(d.origin, network.customers[d.customer].name) for d in air] == [
        ("CHN", "auto-bev-eur")
    ]
    sea = next(d for d in network.deliveries if d.mode == "usual" and d.customer == air[0].customer)
    assert (sea.transit_weeks, sea.freight_usd_per_t) == (5, 250.0)
    assert (air[0].transit_weeks, air[0].freight_usd_per_t) == (1, 5000.0)
    assert air[0].usual_t_per_week == 0.0
    assert air[0].trade_t_per_week == sea.usual_t_per_week == sea.trade_t_per_week
    under = next(k for k in network.categories if k.destination == "EUR")
    assert {network.deliveries[i].mode for i in under.deliveries} == {"air", "usual"}


@pytest.mark.parametrize(("least_price", "weeks"), [(71.0, 1.0), (50.0, 5.0)])
def test_cheap_goods_and_slow_planes_stay_out(
    tables: Tables, network: Network, least_price: float, weeks: float
) -> None:
    found = with_flights(tables, least_price, weeks)
    assert found.deliveries == network.deliveries
