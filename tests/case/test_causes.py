"""Which numbers belong to which cause."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from supplychain.case.mixed_case import (
    CAUSE_OF_CHANGE,
    CAUSE_OF_RULE,
    CAUSES,
    mixed_rules,
    owning_causes,
    rules_that_differ,
)
from supplychain.network.entities import LicenceCategory
from supplychain.policy.licence_queue import Rules
from supplychain.scenario.change_types import KINDS

USUAL = np.array([1.0, 1.0, 1.0, 1.0])


def licence(control: str, end_use: str) -> LicenceCategory:
    return LicenceCategory(control, "A", "B", end_use, (), (0,), 1.0)


CLASSES = (
    licence("magnets", "civil"),
    licence("magnets", "military"),
    licence("checks", "military"),
    licence("wider", "civil"),
)
SAME = np.array([True, True, True, False])


def rules(**given: float) -> Rules:
    """Four classes over five weeks; the third week begins another regime."""
    plain = {
        "in_force": 1.0, "gap": 0.0, "review": 4.0, "approval_share": 1.0, "returned_share": 1.0,
        "throughput": 1.0, "validity": 26.0, "general_share": 0.0, "surge": 1.0,
        "keep_pending": 1.0, "keep_issued": 1.0, "transferable_share": 0.0, **given,
    }  # fmt: skip
    changed = np.zeros((4, 5), dtype=bool)
    changed[:, 2] = True
    return Rules(changed=changed, **{k: np.full((4, 5), v) for k, v in plain.items()})


def test_every_rule_and_every_change_has_a_cause() -> None:
    assert set(CAUSE_OF_RULE) == {f.name for f in fields(Rules)}
    assert set(CAUSE_OF_CHANGE) == set(KINDS) - {"licence"}
    assert {*CAUSE_OF_RULE.values(), *CAUSE_OF_CHANGE.values()} <= set(CAUSES)


def test_some_classes_are_causes_of_their_own() -> None:
    owners = owning_causes(CLASSES, {"checks"}, SAME, np.full(4, True))
    assert owners == ["", "military", "lookalikes", "controls"]


def test_where_no_control_is_shared_the_practice_is_parted_rule_by_rule() -> None:
    owners = owning_causes(CLASSES, {"checks"}, np.full(4, False), np.full(4, True))
    assert owners == ["", "military", "lookalikes", ""]


def test_a_class_of_a_cause_goes_over_whole() -> None:
    owners = ["", "military", "lookalikes", "controls"]
    one, other = rules(review=4.0, throughput=1.0), rules(review=9.0, throughput=0.5)
    mixed = mixed_rules(one, other, owners, {"review", "military"})
    assert mixed.review[:, 0].tolist() == [9.0, 9.0, 4.0, 4.0]
    assert mixed.throughput[:, 0].tolist() == [1.0, 0.5, 1.0, 1.0]


@pytest.mark.parametrize(
    ("one", "other", "cause"),
    [
        ({"review": 4.0}, {"review": 9.0}, {"review"}),
        ({"review": 0.0}, {"review": 1.0}, set()),
        ({"validity": 25.8}, {"validity": 26.2}, set()),
        ({"gap": 0.0}, {"gap": 3.0}, {"gap"}),
        ({"keep_issued": 1.0}, {"keep_issued": 0.5}, {"validity"}),
        ({"returned_share": 1.0}, {"returned_share": 0.5}, {"approval"}),
        ({"transferable_share": 0.0}, {"transferable_share": 0.3}, {"transfer"}),
        ({"in_force": 1.0}, {"in_force": 0.0}, {"controls"}),
        ({"in_force": 0.0, "review": 1.0}, {"in_force": 0.0, "review": 9.0}, set()),
    ],
)
def test_what_the_queue_would_not_notice_is_no_cause(
    one: dict[str, float], other: dict[str, float], cause: set[str]
) -> None:
    assert rules_that_differ(rules(**one), rules(**other), [""] * 4, USUAL) == cause


def test_a_share_that_is_kept_matters_only_where_the_regime_changes() -> None:
    one, other = rules(), rules()
    kept = other.keep_pending.copy()
    kept[:, 3] = 0.0
    assert rules_that_differ(one, replace(other, keep_pending=kept), [""] * 4, USUAL) == set()


def test_a_gap_that_is_over_is_no_cause() -> None:
    one = rules()
    late = one.gap.copy()
    late[:, 4] = 3.0
    assert rules_that_differ(one, replace(one, gap=late), [""] * 4, USUAL) == set()


def test_a_class_without_trade_is_no_cause() -> None:
    assert rules_that_differ(rules(), rules(review=9.0), [""] * 4, 0.0 * USUAL) == set()
