"""Licences by end user: who they are, and how what a class is granted is split among them."""

from __future__ import annotations

import drawn
import numpy as np
import pytest
from cases import of_class
from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import random_network

from supplychain.case.case import by_end_user
from supplychain.network.entities import MAKERS, POOL, Network

SHARED = random_network(3)
"""Classes of one user each, but for cars and vans in C."""


def users(network: Network) -> list[tuple[str, float, int | None]]:
    return [(u.name, round(u.share, 6), u.pool) for u in network.end_users]


def test_the_only_user_of_a_class_needs_no_pool() -> None:
    assert users(drawn.licensed()) == [("car", 1.0, None)]


def test_segments_share_a_class_by_usual_trade_and_a_pool_stands_last() -> None:
    assert users(drawn.two_users()) == [("car", 0.5, 2), ("van", 0.5, 2), (POOL, 0.0, None)]


def test_what_nobody_has_bought_before_moves_under_the_pool() -> None:
    """B's stock takes nothing usually: it needs a licence that names nobody."""
    network = drawn.shared_arc()
    assert users(network) == [("car", 1.0, 1), (POOL, 0.0, None)]
    car, anybody = network.end_users
    assert (car.arcs, car.deliveries) == ((), (0,))
    assert (anybody.arcs, anybody.deliveries) == ((0,), ())


def test_feed_for_makers_is_an_end_user_of_its_own() -> None:
    found = drawn.shared_arc(usual_feed=5.0)
    assert users(found) == [("car", 0.666667, 2), (MAKERS, 0.333333, 2), (POOL, 0.0, None)]


@pytest.mark.parametrize("seed", range(6))
def test_every_flow_under_a_class_has_one_user(seed: int) -> None:
    network = random_network(seed)
    for row, k in enumerate(network.categories):
        mine = [u for u in network.end_users if u.category == row]
        assert sorted(d for u in mine for d in u.deliveries) == sorted(k.deliveries)
        assert sorted(a for u in mine for a in u.arcs) == sorted(k.arcs)
        assert sum(u.share for u in mine) == pytest.approx(1.0)
        pools = {u.pool for u in mine} - {None}
        assert all(network.end_users[p].name == POOL for p in pools)
        assert len(pools) == (len(mine) > 1)


tonnes = st.lists(
    st.one_of(st.floats(0.0, 1e5), st.just(np.inf)),
    min_size=len(SHARED.categories),
    max_size=len(SHARED.categories),
)
shares = st.lists(
    st.floats(0.0, 1.0), min_size=len(SHARED.categories), max_size=len(SHARED.categories)
)


@given(amounts=tonnes, free=shares)
@settings(deadline=None)
def test_users_sum_to_their_class_and_what_is_free_stays_free(
    amounts: list[float], free: list[float]
) -> None:
    """[class, week] of one week."""
    whole = np.array(amounts)[:, None]
    split = by_end_user(SHARED, whole, np.array(free)[:, None])
    assert (split >= 0.0).all()
    assert of_class(SHARED, split) == pytest.approx(whole, rel=1e-12)
    for user, here in zip(SHARED.end_users, split[:, 0], strict=True):
        assert np.isinf(here) == np.isinf(amounts[user.category])


@given(free=st.floats(0.0, 1.0))
def test_the_share_that_names_nobody_goes_to_the_pool(free: float) -> None:
    """10 t for cars and vans alike."""
    network = drawn.two_users()
    split = by_end_user(network, np.array([10.0]), np.array([free]))
    assert split == pytest.approx([5.0 * (1 - free), 5.0 * (1 - free), 10.0 * free])


def test_the_only_user_takes_what_names_nobody_too() -> None:
    split = by_end_user(drawn.licensed(), np.array([10.0]), np.array([0.3]))
    assert split.tolist() == [10.0]
