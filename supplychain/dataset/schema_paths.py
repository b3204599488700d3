"""The tables behind drawn regime paths: the states of the export regime and their history."""

from __future__ import annotations

from supplychain.dataset.columns import (
    Column,
    Quantity,
    Table,
    choice,
    date,
    identifier,
    note,
    reference,
    sources,
)

STATES = ("open", "general-licence", "slow", "tightened", "suspended", "embargo")
"""The states of the export regime, from the mildest to the hardest."""

REGIME_STATES = Table(
    "regime_states",
    "Which regimes stand for a state of the export regime on drawn paths, and how often.",
    ("state", "regime"),
    (
        choice("state", "state of the export regime", *STATES),
        reference("regime", "regimes", "a regime that stands for it"),
        reference("exporter", "regions", "whose controls it is applied to"),
        Column(
            "companion_control",
            "a control with a regime of its own while this one holds; blank if none",
            refers_to="controls",
            required=False,
        ),
        Column(
            "companion_regime",
            "the regime of that control; blank if none",
            refers_to="regimes",
            required=False,
        ),
    ),
    (Quantity("share", "share", "how often the state takes this regime", upper=1.0),),
)

REGIME_SPELLS = Table(
    "regime_spells",
    "The states that the export regime went through, spell by spell: what hazards rest on. The "
    "last spell of a track ends where the record does.",
    ("track", "begins"),
    (
        identifier("track", "a group of materials with a history of its own"),
        date("begins", "first day of the spell"),
        date("until", "first day of the next spell, or of what the record does not tell"),
        choice("state", "state of the export regime", *STATES),
        Column(
            "event",
            "the decision that began the spell; blank if none is on record",
            refers_to="events",
            required=False,
        ),
        note("why the spell counts as this state"),
        sources(),
    ),
)

PATH_TABLES = (REGIME_STATES, REGIME_SPELLS)
