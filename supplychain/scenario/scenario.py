"""A resolved scenario: its parts, calendar, JSON, and the difference of two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from supplychain.dataset.table_types import ANY

ABSENT = "-"
MONDAY = 0
NO_HISTORY = "none"
"""What stands for the start of a history that a scenario does not have."""
SCOPE = ("exporter", "control", "destination", "end_use")
PLAIN = (
    ("horizon", "start"),
    ("horizon", "weeks"),
    ("history", "from"),
    ("foresight", "mode"),
    ("foresight", "window_weeks"),
    ("foresight", "step_weeks"),
)

BASE, LOW, CENTRAL, HIGH = "base", "low", "central", "high"
DEMANDS = (BASE, LOW, CENTRAL, HIGH)
"""How plans go on after the base year: not at all, or by an end of the paths of demand_growth."""

Words = Mapping[str, Any]
"""A resolved scenario as `Scenario.as_json` writes it and run.json keeps it, or a part of it."""


def week_index(start: date, day: date) -> int:
    """The first week, counted from 0 at `start`, whose first day is on or after a day.

    >>> week_index(date(2026, 9, 28), date(2026, 9, 28))
    0
    >>> week_index(date(2026, 9, 28), date(2026, 9, 29))
    1
    >>> week_index(date(2026, 9, 28), date(2026, 9, 20))
    -1
    """
    return -((start - day).days // 7)


@dataclass(frozen=True)
class Origin:
    """Where in which file a part of a scenario is written."""

    file: str
    line: int
    column: int
    path: str = ""
    """Dotted key of the whole, as timeline.0."""
    parts: tuple[tuple[str, int, int], ...] = ()
    """Dotted key, line and column of what is written inside."""

    def of(self, path: str) -> tuple[int, int]:
        """Line and column of a dotted key inside, or of the whole."""
        return next(((x, y) for key, x, y in self.parts if key == path), (self.line, self.column))

    def in_words(self) -> str:
        """The place as a sentence names it."""
        return f"line {self.line} of {self.file}" if self.line else self.file


@dataclass(frozen=True)
class Setting:
    """A regime and the controls it is applied to; `exporter` is the region whose law it is."""

    regime: str
    exporter: str = ANY
    control: str = ANY
    destination: str = ANY
    end_use: str = ANY

    def takes_in(self, other: Setting) -> bool:
        """Whether it reaches all that another reaches."""
        return all(w in (ANY, o) for w, o in zip(self.scope, other.scope, strict=True))

    @property
    def scope(self) -> tuple[str, str, str, str]:
        """Everything but the regime."""
        return self.exporter, self.control, self.destination, self.end_use

    @property
    def narrowness(self) -> tuple[bool, bool, bool, bool]:
        """Orders settings of one day, the more special later: control, destination, end use."""
        named = (self.control, self.destination, self.end_use, self.exporter)
        first, second, third, fourth = (word != ANY for word in named)
        return first, second, third, fourth

    def applies(self, control: str, law: str, destination: str, end_use: str) -> bool:
        """Whether it reaches a licence class of a control that is the law of a region."""
        return (
            self.exporter in (ANY, law)
            and self.control in (ANY, control)
            and self.destination in (ANY, destination)
            and self.end_use in (ANY, end_use)
        )

    def in_words(self) -> str:
        """The setting as a reader sees it: "october-2025 for CHN"."""
        named = [word for word in self.scope if word != ANY]
        return f"{self.regime} for {', '.join(named)}" if named else self.regime


@dataclass(frozen=True)
class Entry:
    """A dated change of regime."""

    announced: date
    effective: date
    setting: Setting
    why: str
    source: str
    origin: Origin


@dataclass(frozen=True)
class Change:
    """A change of numbers; without `start` or `end` it holds from the first or to the last week."""

    what: str
    where: tuple[tuple[str, str], ...]
    start: date | None
    end: date | None
    announced: date | None
    value: float
    unit: str
    why: str
    source: str
    origin: Origin

    def place(self, key: str) -> str:
        """The word of a where-key, ANY if it is not given."""
        return dict(self.where).get(key, ANY)


@dataclass(frozen=True)
class Foresight:
    """What planners know and how far they look; expectations hold until their day has come."""

    mode: str
    window_weeks: int
    step_weeks: int
    expects: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A scenario with everything that it extends worked in."""

    name: str
    title: str
    start: date
    weeks: int
    foresight: Foresight
    timeline: tuple[Entry, ...]
    """By effective date, the more special setting of a day later; what lies after the horizon is
    there too: planners see it coming."""
    changes: tuple[Change, ...]
    extends: tuple[str, ...]
    """What it extends, the nearest first."""
    file: str
    history: date | None = None
    """The Monday from which its past is solved; None: it opens with the stocks of the data."""
    past_changes: tuple[Change, ...] = ()
    """Changes that ended before the start: the past is solved with them."""
    demand: str = BASE
    """How plans and China's capacity go on after the base year: of DEMANDS."""

    @property
    def end(self) -> date:
        """The Monday after the last week."""
        return self.start + timedelta(weeks=self.weeks)

    def week_of(self, day: date) -> int:
        """The first week, counted from 0 at the start, whose Monday is on or after a day."""
        return week_index(self.start, day)

    def monday(self, week: int) -> date:
        """The Monday of a week."""
        return self.start + timedelta(weeks=week)

    def as_json(self) -> dict[str, object]:
        """The resolved scenario as run.json keeps it."""
        return {
            "name": self.name,
            "title": self.title,
            "extends": list(self.extends),
            "horizon": {"start": self.start.isoformat(), "weeks": self.weeks},
            "demand": self.demand,
            "foresight": {
                "mode": self.foresight.mode,
                "window_weeks": self.foresight.window_weeks,
                "step_weeks": self.foresight.step_weeks,
                "expects": [expectation_json(entry) for entry in self.foresight.expects],
            },
            "history": {"from": self.history.isoformat() if self.history else NO_HISTORY},
            "timeline": [entry_json(entry) for entry in self.timeline],
            "changes": [change_json(c) for c in (*self.past_changes, *self.changes)],
        }


def entry_json(entry: Entry) -> dict[str, object]:
    """An entry of a timeline in the words of the file."""
    s = entry.setting
    words = {
        "regime": s.regime,
        "exporter": s.exporter,
        "control": s.control,
        "destination": s.destination,
        "end_use": s.end_use,
    }
    return {
        "announced": entry.announced.isoformat(),
        "effective": entry.effective.isoformat(),
        "set": {k: v for k, v in words.items() if v != ANY},
        "why": entry.why,
        "source": entry.source,
    }


def expectation_json(entry: Entry) -> dict[str, object]:
    """What planners count on, in the words of the file: it is never announced."""
    return {name: value for name, value in entry_json(entry).items() if name != "announced"}


def change_json(change: Change) -> dict[str, object]:
    """A change in the words of the file, its value in the canonical unit."""
    return {
        "what": change.what,
        "where": dict(change.where),
        "when": {
            "from": change.start.isoformat() if change.start else None,
            "to": change.end.isoformat() if change.end else None,
        },
        "announced": change.announced.isoformat() if change.announced else None,
        "value": change.value,
        "unit": change.unit,
        "why": change.why,
        "source": change.source,
    }


@dataclass(frozen=True)
class Difference:
    """One thing that differs, in words; a dash stands for what one of the two lacks.

    Reason and source are those of the other, or of the one where the other lacks the thing.
    """

    what: str
    one: str
    other: str
    why: str = ""
    source: str = ""

    def as_json(self) -> dict[str, str | None]:
        """The entry of `differences` in `--json`."""
        return {k: None if v == ABSENT else v for k, v in asdict(self).items()}


def past_from(scenario: Words) -> str:
    """The Monday from which the past of a recorded scenario was solved, ISO; "" where it was not.

    >>> past_from({"history": {"from": "2024-12-30"}}), past_from({"history": {"from": "none"}})
    ('2024-12-30', '')
    """
    said = str(scenario.get("history", {}).get("from", NO_HISTORY))
    return "" if said == NO_HISTORY else said


def scenario_diff(one: Scenario, other: Scenario) -> tuple[Difference, ...]:
    """List what differs: horizon, foresight, regimes by date, changes of numbers."""
    return words_diff(one.as_json(), other.as_json())


def words_diff(one: Words, other: Words) -> tuple[Difference, ...]:
    """The same for scenarios as run.json keeps them."""
    found = list(_plain(one, other))
    found += _unmatched("timeline", _entries(one), _entries(other))
    found += _unmatched("expects", _expected(one), _expected(other))
    found += _unmatched("change", _changes(one), _changes(other))
    return tuple(found)


def _plain(one: Words, other: Words) -> Iterator[Difference]:
    for part, key in PLAIN:
        nothing = NO_HISTORY if part == "history" else ABSENT
        a, b = (str(words.get(part, {}).get(key, nothing)) for words in (one, other))
        if a != b:
            yield Difference(f"{part}.{key}", a, b)
    a, b = (str(words.get("demand", BASE)) for words in (one, other))
    if a != b:
        yield Difference("demand", a, b)


Parts = dict[str, tuple[str, Words]]
"""By key: the value in words, and what it is a part of."""


def _entries(scenario: Words) -> Parts:
    return {
        _key(e): (f"{e['set']['regime']} (announced {e['announced']})", e)
        for e in scenario.get("timeline", ())
    }


def _expected(scenario: Words) -> Parts:
    expects = scenario.get("foresight", {}).get("expects", ())
    return {_key(e): (str(e["set"]["regime"]), e) for e in expects}


def _key(entry: Words) -> str:
    named = [str(entry["set"][key]) for key in SCOPE if key in entry["set"]]
    return " ".join([str(entry["effective"]), *named])


def _changes(scenario: Words) -> Parts:
    return {_place(c): (f"{c['value']:g} {c['unit']}", c) for c in scenario.get("changes", ())}


def _place(change: Words) -> str:
    where = ", ".join(f"{key} {word}" for key, word in change["where"].items())
    first, last = (change["when"][end] or "" for end in ("from", "to"))
    dates = f" {first}..{last}" if first or last else ""
    return f"{change['what']} of {where}{dates}"


def _unmatched(what: str, one: Parts, other: Parts) -> Iterator[Difference]:
    for key in sorted({*one, *other}):
        a, b = (side[key][0] if key in side else ABSENT for side in (one, other))
        if a != b:
            _, part = other[key] if key in other else one[key]
            yield Difference(f"{what} {key}", a, b, str(part["why"]), str(part["source"]))


@dataclass(frozen=True)
class Calendar:
    """Weeks from a timeline's first entry (or the start, if that is earlier) to the span's end.

    `before` of them lie before the horizon: the queue is run through them, so that what is pending
    and issued at the start is what history left.
    """

    start: date
    before: int
    span: int

    @property
    def weeks(self) -> int:
        """All weeks of the calendar."""
        return self.before + self.span

    def position(self, day: date) -> int:
        """Position of the first week whose Monday is on or after a day; 0 at the earliest."""
        return max(week_index(self.start, day) + self.before, 0)


def calendar_of(scenario: Scenario, span: int) -> Calendar:
    """The calendar of a scenario whose numbers run over `span` weeks."""
    first = min((scenario.week_of(e.effective) for e in scenario.timeline), default=0)
    return Calendar(scenario.start, max(-first, 0) + 1, span)


def change_weeks(change: Change, calendar: Calendar) -> slice:
    """The weeks of a calendar in which a change holds, from its day or the horizon's start."""
    first = calendar.position(change.start) if change.start else calendar.before
    last = calendar.position(change.end) if change.end else calendar.weeks
    return slice(first, max(first, last))
