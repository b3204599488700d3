"""The episodes that a hindcast replays: scenario, series, months that count, and the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

EXPORTER = "CHN"

MAGNETS = {"ndfeb-light": 1.0, "ndfeb-heavy": 1.0}
RARE_EARTHS = dict.fromkeys(
    (
        "dy-metal",
        "dy-oxide",
        "gd-oxide",
        "lace-oxide",
        "ndfeb-alloy",
        "ndpr-metal",
        "ndpr-oxide",
        "sc-oxide",
        "sm-metal",
        "tb-metal",
        "tb-oxide",
        "y-oxide",
    ),
    1.0,
)
"""Oxides, metals and alloys that Japan buys from China; magnets are counted elsewhere."""
GALLIUM, GERMANIUM = {"gallium": 1.0}, {"germanium": 1.0}


@dataclass(frozen=True)
class Series:
    """What of the modelled trade a series of observations counts."""

    title: str
    weights: Mapping[str, float]
    """Material to the tonnes that count for one tonne of it."""
    region: str = ""
    """Where to; blank for all regions."""
    share: str = ""
    """The assumption that says how much of the region's tonnes count; blank for all."""
    element: str = ""
    """Counted as tonnes of this element in the material, by `material_content`; blank: of goods."""
    on_arrival: bool = False
    """Counted when it arrives, as imports are, and not when it leaves."""


@dataclass(frozen=True)
class Survey:
    """A survey that counts firms short of inputs, and the modelled firms that it is held against.

    The model's number is the share of output whose firms have used up their own stock of some
    material (`firms`, weighted by planned output): they live from hand to mouth or stand still.
    """

    title: str
    region: str
    segments: tuple[str, ...]
    """Planned in one unit, so that their output can be added."""
    use: str
    """What a reader may take from it."""


@dataclass(frozen=True)
class FirstStop:
    """Where a first stop was reported: held against the model's first firm."""

    title: str
    sector: str
    region: str


@dataclass(frozen=True)
class Window:
    """Months over which errors are averaged, under a key, with a short and a long heading."""

    key: str
    first: str
    last: str
    short: str
    long: str


@dataclass(frozen=True)
class Episode:
    """One stretch of history: what to solve and what to hold it against."""

    name: str
    title: str
    scenario: str
    series: Mapping[str, Series]
    headline: str
    """The series that stands for all."""
    goods: Mapping[str, float]
    """What exports by region count."""
    first: str
    """First month whose error counts."""
    last: str
    """Last month, unless asked otherwise."""
    windows: tuple[Window, ...]
    reference: tuple[str, str] | None = None
    """First and last month whose mean stands for 1; None where tonnes are compared."""
    reference_words: str = ""
    """The same for a reader: the model's months, and what the observations are shares of."""
    fit_until: str = ""
    """Last month of the window of the fit; blank where nothing is fitted."""
    fitted: tuple[str, ...] = ()
    """The series of the fit."""
    since: date | None = None
    """When the control took effect: weeks to a first stop count from it."""
    stops: Mapping[str, FirstStop] = field(default_factory=dict)
    """Series of observed first stops."""
    surveys: Mapping[str, Survey] = field(default_factory=dict)
    """Series of surveys among firms."""
    caution: str = ""
    """What a reader must know before believing a number."""

    @property
    def unit(self) -> str:
        """In what model and observation are compared: tonnes, or shares of the reference."""
        return "share" if self.reference else "t"


EVER = "9999-12"

MAGNETS_2025 = Episode(
    name="2025",
    title="The 2025 episode",
    scenario="hindcast-2025",
    series={
        "magnets-world": Series("Magnets, all destinations", MAGNETS),
        "magnets-usa": Series("Magnets to the United States", MAGNETS, "USA"),
        "magnets-germany": Series(
            "Magnets to Germany", MAGNETS, "EUR", "german_share_of_european_imports"
        ),
        "magnets-japan": Series("Magnets to Japan", MAGNETS, "JPN"),
        "magnets-europe": Series("Magnets to Europe", MAGNETS, "EUR"),
        "magnets-india": Series("Magnets to India", MAGNETS, "IND"),
        "magnets-korea": Series("Magnets to Korea", MAGNETS, "KOR"),
        "magnets-and-alloy-japan": Series(
            "Magnets, powder and alloy to Japan", {**MAGNETS, "ndfeb-alloy": 1.0}, "JPN"
        ),
        "dysprosium-world": Series(
            "Dysprosium, element, all destinations",
            {"dy-oxide": 1.0, "dy-metal": 1.0},
            element="dy",
        ),
        "terbium-world": Series(
            "Terbium, element, all destinations",
            {"tb-oxide": 1.0, "tb-metal": 1.0},
            element="tb",
        ),
        "yttrium-usa": Series(
            "Yttrium products to the United States", {"y-oxide": 1.0, "yttria-powder": 1.0}, "USA"
        ),
    },
    headline="magnets-world",
    goods=MAGNETS,
    first="2025-04",  # before the controls only the season differs, which is not modelled
    last="2025-12",
    windows=(
        Window("mape", "2025-04", EVER, "since April 2025", "All months under control"),
        Window("mape_fit", "2025-04", "2025-08", "April-August", "April to August (fit)"),
        Window("mape_test", "2025-09", "2025-12", "September on", "September on (test)"),
    ),
    fit_until="2025-08",
    fitted=(
        "magnets-world",
        "magnets-usa",
        "magnets-germany",
        "magnets-japan",
        "magnets-europe",
    ),
    since=date(2025, 4, 4),
    stops={
        "first-stop-usa": FirstStop("Car makers in the United States", "auto", "USA"),
        "first-stop-europe": FirstStop("Car parts makers in Europe", "auto", "EUR"),
    },
    surveys={
        "short-auto-germany": Survey(
            "German car industry",
            "EUR",
            ("auto-bev", "auto-phev", "auto-hev", "auto-ice"),
            "test: not fitted",
        ),
        "short-electrical-germany": Survey(
            "German electrical equipment",
            "EUR",
            ("appliance", "industrial-motor"),
            "direction only: the branch is wider than makers of motors",
        ),
        "short-machinery-germany": Survey(
            "German machinery",
            "EUR",
            ("industrial-motor",),
            "direction only: most machine builders buy motors, not magnets",
        ),
    },
)

JAPAN_2010 = Episode(
    name="2010",
    title="The halt to Japan in 2010",
    scenario="hindcast-2010",
    series={
        "rare-earths-japan": Series(
            "Rare earths into Japan from China", RARE_EARTHS, "JPN", on_arrival=True
        ),
    },
    headline="rare-earths-japan",
    goods=RARE_EARTHS,
    first="2010-10",
    last="2010-12",
    windows=(Window("mape", "2010-10", EVER, "since October 2010", "October 2010 on"),),
    reference=("2010-09", "2010-09"),
    reference_words="September 2010, in the model as in what was seen",
    caution=(
        "The network is that of 2024: makers, buyers, stocks and routes of 2010 are not in the "
        "data. Only the shape is compared, in shares of the month before the halt."
    ),
)

GALLIUM_GERMANIUM_2023 = Episode(
    name="gallium-germanium",
    title="Gallium and germanium after August 2023",
    scenario="hindcast-2023",
    series={
        "gallium-world": Series("Gallium, all destinations", GALLIUM),
        "germanium-world": Series("Germanium, all destinations", GERMANIUM),
    },
    headline="gallium-world",
    goods={**GALLIUM, **GERMANIUM},
    first="2023-08",
    last="2024-05",
    windows=(Window("mape", "2023-08", EVER, "since August 2023", "August 2023 on"),),
    reference=("2023-05", "2023-06"),
    reference_words=(
        "the mean of May and June 2023, before the announcement, in the model; what was seen "
        "is a share of March 2023"
    ),
    caution=(
        "The network is that of 2024, a year under these licences: makers, buyers and stocks of "
        "2023 are not in the data. Only the shape is compared, in shares of the level before. The "
        "level of the fourth month and the month of the easing are input, taken from what was seen."
    ),
)

EPISODES: Mapping[str, Episode] = {
    e.name: e for e in (MAGNETS_2025, JAPAN_2010, GALLIUM_GERMANIUM_2023)
}
