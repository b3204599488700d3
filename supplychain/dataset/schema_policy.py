"""Tables of controls, their scope, regimes, licence parameters, spells and events."""

from __future__ import annotations

from supplychain.dataset.table_types import (
    Column,
    Quantity,
    Table,
    choice,
    date,
    identifier,
    note,
    reference,
    sources,
    text,
)

END_USES = ("civil", "military", "ANY")

CONTROLS = Table(
    "controls",
    "Export controls, one row for each group of items.",
    ("control",),
    (
        identifier("control", "name of the control, as cn-2025-18-magnets"),
        text("name", "name in reports"),
        text("announcement", "number of the announcement or law"),
        reference("exporter", "regions", "whose law it is"),
        choice("basis", "how it works", "licence", "customs-check", "denial"),
        date("announced", "when it was made known"),
        date("effective", "when it began"),
        date(
            "until",
            "when it ended: no later entry of a timeline reaches it; blank while it has no end",
            required=False,
        ),
        note(),
        sources(),
    ),
)

CONTROL_SCOPE = Table(
    "control_scope",
    "The flows that a control covers.",
    ("control", "material", "exporter", "destination", "end_use"),
    (
        reference("control", "controls", "the control"),
        reference("material", "materials", "what it covers"),
        reference("exporter", "regions", "from where", wildcard=True),
        reference("destination", "regions", "to where", wildcard=True),
        choice("end_use", "for whom", *END_USES),
        note(),
        sources(),
    ),
)

REGIMES = Table(
    "regimes",
    "Ways of applying the controls.",
    ("regime",),
    (identifier("regime", "name of the regime"), text("name", "name in reports"), note()),
)

REGIME_PARAMETERS = Table(
    "regime_parameters",
    "How a regime applies a control. ANY stands for all; the most specific row wins, control "
    "before destination before end use.",
    ("regime", "control", "destination", "end_use", "parameter"),
    (
        reference("regime", "regimes", "the regime"),
        reference("control", "controls", "the control", wildcard=True),
        reference("destination", "regions", "the buyer's region", wildcard=True),
        choice("end_use", "the end user", *END_USES),
        Column("parameter", "which number the row holds"),
    ),
    (
        Quantity("in_force", "share", "1 if the control applies, 0 if not", upper=1.0),
        Quantity("gap", "week", "without any licence after the regime's control begins"),
        Quantity("review", "week", "from application to decision"),
        Quantity(
            "approval_share",
            "share",
            "share of the decided applications that is approved",
            upper=1.0,
        ),
        Quantity(
            "returned_share",
            "share",
            "share of what is not approved that is handed in again",
            upper=1.0,
        ),
        Quantity("throughput", "ratio", "what can be decided in a week, against usual trade"),
        Quantity("validity", "week", "how long a licence may be used"),
        Quantity(
            "general_share", "share", "share of usual trade that passes without review", upper=1.0
        ),
        Quantity("surge", "ratio", "applications against usual trade"),
        Quantity(
            "keep_pending", "share", "pending applications kept when this regime begins", upper=1.0
        ),
        Quantity("keep_issued", "share", "issued licences kept when this regime begins", upper=1.0),
        Quantity(
            "transferable_share",
            "share",
            "share of what passes that any user may take; the rest is for the user it names",
            upper=1.0,
        ),
    ),
    quantity_column="parameter",
)

EVENTS = Table(
    "events",
    "The dated history, for the timeline of reports.",
    ("event",),
    (
        identifier("event", "name of the event"),
        date("announced", "when it was made known"),
        date("effective", "when it took effect"),
        date("until", "when it ended; blank while it has no end", required=False),
        text("actor", "who acted"),
        text("name", "name in reports"),
        text("effect", "what it changed"),
        note(),
        sources(),
    ),
)

POLICY_TABLES = (
    CONTROLS,
    CONTROL_SCOPE,
    REGIMES,
    REGIME_PARAMETERS,
    EVENTS,
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

PARAMETERS = (
    "in_force",
    "gap",
    "review",
    "approval_share",
    "returned_share",
    "throughput",
    "validity",
    "general_share",
    "surge",
    "keep_pending",
    "keep_issued",
    "transferable_share",
)
