"""The tables of laws, practice and history, the scalars, the targets and the sources."""

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
    text,
)

END_USES = ("civil", "military", "ANY")
LOSS_STEPS = 4

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

ASSUMPTIONS = Table(
    "assumptions",
    "Single numbers that the model needs.",
    ("assumption",),
    (Column("assumption", "name of the number"),),
    (
        *(
            Quantity(
                f"loss_step_{n}_share",
                "share",
                f"width of loss step {n}, share of the plan",
                upper=1.0,
            )
            for n in range(1, LOSS_STEPS + 1)
        ),
        *(
            Quantity(f"loss_step_{n}_weight", "ratio", f"weight of value lost in loss step {n}")
            for n in range(1, LOSS_STEPS + 1)
        ),
        Quantity(
            "cover_shortfall_weekly_cost",
            "share",
            "cost of cover below target, of the price, each week",
        ),
        Quantity(
            "stock_shortfall_weekly_cost",
            "share",
            "cost of a region's stock below usual, of the price, each week",
        ),
        Quantity(
            "closing_stock_value", "share", "value of stock at the end of a window, of the price"
        ),
        Quantity("usual_trade_premium", "share", "cost of flow above usual, of the price"),
        Quantity("other_use_share", "share", "magnet oxides that go to uses outside the model"),
        Quantity(
            "closing_cover_value", "share", "of the value added that missing cover stands for"
        ),
        Quantity(
            "holding_weekly_cost", "share", "cost of a week in store or on the shelf, of the price"
        ),
        Quantity("air_freight_least_price", "USD/kg", "price from which a good is worth flying"),
        Quantity("requalified_share", "share", "most of a need that new origins may come to serve"),
        Quantity("surge_upstream", "ratio", "how far above usual an upstream flow can go at once"),
        Quantity("arc_growth_ramp", "week", "from requalification to full growth of a new route"),
        Quantity(
            "military_weight_priority",
            "ratio",
            "weight of military losses under allocation by priority",
        ),
        Quantity("weekly_periods", "1", "periods of one week at the start of a window"),
        Quantity("two_week_periods", "1", "periods of two weeks after those"),
        Quantity("four_week_periods", "1", "periods of four weeks after those"),
        Quantity("far_period_weeks", "week", "length of the periods to the window's end"),
        Quantity("perfect_weekly_periods", "1", "periods of one week under perfect foresight"),
        Quantity("perfect_period_weeks", "week", "length of the periods after those"),
        Quantity(
            "later_loss_discount_per_week",
            "share",
            "how much less an expected loss counts for each week that it lies ahead",
            upper=1.0,
        ),
    ),
    quantity_column="assumption",
)

CLOSURE_TARGETS = Table(
    "closure_targets",
    "What the numbers must add up to; low and high are the tolerance.",
    ("target",),
    (Column("target", "name of the target"),),
    (
        Quantity(
            "china-share-mining", "share", "China's share of mined Nd, Pr, Dy and Tb", upper=1.0
        ),
        Quantity(
            "china-share-refining",
            "share",
            "China's share of Nd, Pr, Dy and Tb oxide made, out of scrap too",
            upper=1.0,
        ),
        Quantity(
            "china-share-heavy-separation",
            "share",
            "China's share of Dy and Tb oxide made",
            upper=1.0,
        ),
        Quantity("china-share-ndfeb", "share", "China's share of sintered NdFeB made", upper=1.0),
        Quantity("world-ndfeb", "t/a", "sintered NdFeB made in the world"),
        Quantity("exports-world", "t/a", "China's exports of NdFeB magnets to all other regions"),
        Quantity("exports-<regions>", "t/a", "China's exports of NdFeB magnets to that region"),
    ),
    quantity_column="target",
)

SOURCES = Table(
    "sources",
    "Where the numbers come from.",
    ("source",),
    (
        identifier("source", "short name, used in the column source of other tables"),
        text("title", "author, title, year"),
        text("date", "year or date of publication", required=False),
        text("url", "address", required=False),
        Column(
            "confidence", "how far to trust it", choices=("high", "medium", "low"), required=False
        ),
        note(),
    ),
)

POLICY_TABLES = (
    CONTROLS,
    CONTROL_SCOPE,
    REGIMES,
    REGIME_PARAMETERS,
    EVENTS,
    ASSUMPTIONS,
    CLOSURE_TARGETS,
    SOURCES,
)
