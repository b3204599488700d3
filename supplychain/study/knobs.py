"""The knobs of the fit, and what each means in regime parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from supplychain.dataset import Tables
from supplychain.regime.policy import Key, Policy
from supplychain.study.episodes import EXPORTER

HEAVY, LIGHT = "cn-2025-18-magnets", "cn-2025-18-lookalike"
CONTROLLED = ("ndfeb-heavy", "ndfeb-light")
CIVIL = "civil"
UNTOUCHED = ("open", "denial-with-leakage", "military-denial")
"""Regimes without the practice of 2025."""
RELEASING_NOTHING = ("licensing-slow",)
"""No look-alike that was stopped was let go before June 2025: the gap outlasted these weeks."""
REFILLING = ("licensing-fast", "licensing-tightened", "suspended-truce")
"""Regimes in which buyers ask for more than usual, to fill their stocks again."""

Rows = dict[Key, float]
Knobs = Mapping[str, float]


@dataclass(frozen=True)
class Knob:
    """One number of the fit, with the range that its sources allow."""

    name: str
    prior: float
    low: float
    high: float
    meaning: str


KNOBS: tuple[Knob, ...] = (
    Knob(
        "controlled_share",
        0.4,
        0.3,
        0.5,
        "share of magnet tonnage above 0.1 % dysprosium and terbium; of the good ndfeb-heavy the "
        "rest is treated like a look-alike",
    ),
    Knob("onset", 0.5, 0.0, 1.0, "what passes in the first weeks, place in its range"),
    Knob("unchecked", 0.8, 0.0, 1.0, "look-alikes not checked in the slow weeks, place in range"),
    Knob("slow", 0.5, 0.0, 1.0, "throughput of the slow weeks, place in its range"),
    Knob("transition", 0.5, 0.0, 1.0, "throughput of June, place in its range"),
    Knob("fast", 0.5, 0.0, 1.0, "throughput from July, place in its range"),
    Knob("backlog", 0.7, 0.35, 0.85, "pending files kept when the fast weeks began"),
    Knob("review", 6.0, 4.0, 8.0, "weeks of review from July"),
    Knob("surge", 1.2, 1.0, 1.3, "wanted trade from July, against usual"),
)


class Translation:
    """Turns knobs into rows of regime parameters, from the priors and ranges of the tables."""

    def __init__(self, tables: Tables, policy: Policy) -> None:
        """Read ranges and the share of heavy magnets in usual exports; `policy` holds priors."""
        self.policy = policy
        self.ranges: dict[Key, tuple[float, float]] = {}
        for row in tables.records("regime_parameters"):
            words = ("regime", "control", "destination", "end_use", "parameter")
            regime, control, destination, end_use, parameter = (str(row[w]) for w in words)
            low = row["value"] if row["low"] is None else row["low"]
            high = row["value"] if row["high"] is None else row["high"]
            key = (regime, control, destination, end_use, parameter)
            self.ranges[key] = (float(low), float(high))
        self.heavy_share = heavy_share(tables)

    def rows(self, knobs: Knobs) -> Rows:
        """The regime parameters that some knobs stand for; a knob not given stays at its prior."""
        found = self._places(knobs)
        if "review" in knobs:
            found["licensing-fast", HEAVY, "ANY", CIVIL, "review"] = knobs["review"]
        if "backlog" in knobs:
            found["licensing-fast", HEAVY, "ANY", CIVIL, "keep_pending"] = knobs["backlog"]
            found["licensing-fast", LIGHT, "ANY", "ANY", "keep_pending"] = knobs["backlog"]
        for regime in REFILLING if "surge" in knobs else ():
            found[regime, HEAVY, "ANY", CIVIL, "surge"] = knobs["surge"]
            found[regime, LIGHT, "ANY", "ANY", "surge"] = knobs["surge"]
        if "controlled_share" in knobs:
            self._split(found, knobs["controlled_share"] / self.heavy_share)
        return found

    def _places(self, knobs: Knobs) -> Rows:
        """Rows that a knob sets to a place in their own range."""
        wanted = {
            "onset": ("licensing-onset", "general_share", ("ANY", HEAVY, LIGHT)),
            "unchecked": ("licensing-slow", "general_share", (LIGHT,)),
            "slow": ("licensing-slow", "throughput", (HEAVY,)),
            "transition": ("licensing-transition", "throughput", (HEAVY,)),
            "fast": ("licensing-fast", "throughput", (HEAVY,)),
        }
        found: Rows = {}
        for name, (regime, parameter, controls) in wanted.items():
            for key, (low, high) in self.ranges.items():
                mine = key[0] == regime and key[4] == parameter and key[1] in controls
                if name in knobs and mine and key[3] != "military":
                    found[key] = low + knobs[name] * (high - low)
        return found

    def _split(self, found: Rows, inside: float) -> None:
        """Treat the part of heavy magnets that is not controlled as look-alikes are treated."""
        policy = self.policy.with_parameters(found)
        regimes = sorted(set(policy.regimes) - set(UNTOUCHED))
        places = sorted({key[2] for key in self.ranges if key[1] in (HEAVY, LIGHT)})
        for regime in regimes:
            for place in places:
                own = policy.parameter(regime, HEAVY, place, CIVIL, "general_share")
                alike = policy.parameter(regime, LIGHT, place, CIVIL, "general_share")
                throughput = policy.parameter(regime, HEAVY, place, CIVIL, "throughput")
                where = (regime, HEAVY, place, CIVIL)
                found[*where, "general_share"] = own * inside + alike * (1.0 - inside)
                held = policy.parameter(regime, LIGHT, place, CIVIL, "throughput")
                held = held if alike < 1.0 and regime not in RELEASING_NOTHING else 0.0
                found[*where, "throughput"] = throughput * inside + held * (1.0 - inside)


def heavy_share(tables: Tables) -> float:
    """Share of the magnets with heavies in China's usual exports of NdFeB magnets."""
    tonnes: dict[str, float] = defaultdict(float)
    for (material, origin, destination), flow in tables.values("arcs").items():
        if material in CONTROLLED and origin == EXPORTER and destination != EXPORTER:
            tonnes[material] += flow
    return tonnes["ndfeb-heavy"] / sum(tonnes.values())
