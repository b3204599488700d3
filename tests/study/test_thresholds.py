"""`compare --fail-on`."""

from __future__ import annotations

import pytest

from supplychain.study.comparison import BadRule, broken, read_rule
from tests.cli.worlds import NO_TRUCE, TRUCE, made_run


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("auto.lost_share>0.09", True),
        ("auto.lost_share > 0.11", False),
        ("auto.EUR.lost_share>=0.2", True),
        ("auto.EUR.lost_share<0.2", False),
        ("munitions.USA.lost_value_usd<=6e8", True),
        ("difference.auto.EUR.lost_value_usd>3.9e8", True),
        ("difference.auto.USA.lost_value_usd>1.9e8", False),
    ],
)
def test_rules(rule: str, holds: bool) -> None:
    base, other = made_run("truce", TRUCE), made_run("no-truce", NO_TRUCE)
    found = list(broken([read_rule(rule)], base, other))
    assert bool(found) == holds
    assert all(p.message.startswith(f"no-truce: {rule}, it is ") for p in found)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("auto", "cannot read"),
        ("auto.lost_share=3", "cannot read"),
        ("auto.lost_shares>3", 'no measure "lost_shares". Nearest: "lost_share".'),
        ("auto.lost_share>much", "wants a number"),
        ("auto.lost_share>nan", 'a finite number, but got "nan"'),
        ("munitions.USA.lost_share>inf", 'a finite number, but got "inf"'),
        ("munitions.USA.lost_share<-Infinity", "a finite number"),
        ("auto.lost_share>1e999", "a finite number"),
        ("autos.lost_share>1", 'no sector "autos". Nearest: "auto".'),
        ("auto.EUU.lost_share>1", 'no region "EUU". Nearest: "EUR".'),
    ],
)
def test_rules_that_cannot_be(rule: str, message: str) -> None:
    run = made_run("truce", TRUCE)
    with pytest.raises(BadRule, match=message):
        list(broken([read_rule(rule)], run, run))
