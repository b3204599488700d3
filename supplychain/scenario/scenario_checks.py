"""Second pass over a scenario: words, units, dates and conflicts, against the words of the data."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from supplychain.documents import Address, Document
from supplychain.errors import Problem, nearest, problem
from supplychain.scenario.change_types import KINDS, ChangeKind, targets, units_of, upper_bound
from supplychain.scenario.scenario import Change, Entry, Origin
from supplychain.scenario.scenario_schema import ChangePart
from supplychain.scenario.vocabulary import Vocabulary
from supplychain.units import UNITS, UnknownUnit, convert

Report = Callable[[Problem], None]


@dataclass(frozen=True)
class Span:
    """The horizon that a file's own dates are held against."""

    start: date
    end: date


def at(origin: Origin, code: str, message: str, hint: str = "", path: str = "") -> Problem:
    """Make a problem that points at a part of a scenario."""
    line, column = origin.of(path)
    place: str | int = column if column else ""
    whole = ".".join(part for part in (origin.path, path) if part)
    return problem(code, message, file=origin.file, line=line, column=place, hint=hint, path=whole)


def unknown_word(words: Vocabulary, key: str, word: str) -> tuple[str, str] | None:
    """Return message and hint if a word is not in the data, else None."""
    known = words.known(key)
    if word in known or word == "ANY":
        return None
    hint = nearest(word, sorted(known))
    if not hint and len(known) <= 15:
        hint = f"Known: {', '.join(sorted(known))}."
    return f'"{word}" is no {key.replace("_", " ")} in the data.', hint


def check_source(origin: Origin, source: str, words: Vocabulary, report: Report) -> None:
    """Every key of a source cell is in the table of sources, or the word assumption."""
    for key in source.split(";"):
        fault = unknown_word(words, "source", key.strip())
        if fault:
            message, hint = fault
            hint = hint or "Add it to sources.csv, or write assumption."
            report(at(origin, "SCEN-401", message, hint, "source"))


def monday_from(day: date) -> date:
    """The first Monday on or after a day.

    >>> monday_from(date(2026, 11, 10)).isoformat(), monday_from(date(2026, 11, 16)).isoformat()
    ('2026-11-16', '2026-11-16')
    """
    return day + timedelta(days=-day.weekday() % 7)


def check_entry(entry: Entry, span: Span | None, words: Vocabulary, report: Report) -> None:
    """Check the words and dates of one entry of a timeline."""
    s, here = entry.setting, entry.origin
    for key in ("regime", "exporter", "control", "destination"):
        fault = unknown_word(words, key, getattr(s, key))
        if fault:
            report(at(here, "SCEN-401", *fault, path=f"set.{key}"))
    check_source(here, entry.source, words, report)
    if entry.announced > entry.effective:
        message = f"effective {entry.effective} lies before announced {entry.announced}."
        report(at(here, "SCEN-302", message, "Correct one of the two dates.", "effective"))
    if span and entry.effective >= span.end:
        message = f"{entry.effective} lies after the horizon, which ends on {span.end}."
        hint = "Lengthen horizon.weeks or take the entry out."
        report(at(here, "SCEN-301", message, hint, "effective"))
    if s.control in words.effective:
        _check_control(entry, words, report)
    elif s.exporter in words.known("exporter") and s.exporter not in words.laws.values():
        message = f"no control in the data is a law of {s.exporter}."
        report(at(here, "SCEN-407", message, "Name the region whose law it is.", "set.exporter"))


def _check_control(entry: Entry, words: Vocabulary, report: Report) -> None:
    s, here = entry.setting, entry.origin
    if s.exporter not in ("ANY", words.laws[s.control]):
        message = f'"{s.control}" is a law of {words.laws[s.control]}, not of {s.exporter}.'
        hint = "Correct the exporter or leave it out."
        report(at(here, "SCEN-407", message, hint, "set.exporter"))
    if entry.effective < words.effective[s.control] and s.regime != "open":
        message = f'"{s.control}" cannot apply before {words.effective[s.control]}.'
        report(at(here, "SCEN-303", message, "Correct the date of the entry.", "effective"))
    if entry.effective > words.until.get(s.control, entry.effective):
        message = f'"{s.control}" ended on {words.until[s.control]}.'
        hint = "Name the control that followed it, or correct the date of the entry."
        report(at(here, "SCEN-303", message, hint, "effective"))


def replaced_at_once(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Name the entries that another of a later day replaces before they rule a week."""
    by_week: dict[date, list[Entry]] = {}
    for entry in entries:
        by_week.setdefault(monday_from(entry.effective), []).append(entry)
    for monday, group in by_week.items():
        for entry in group:
            later = (e for e in group if e.effective > entry.effective)
            other = next((e for e in later if e.setting.takes_in(entry.setting)), None)
            if other is not None:
                message = (
                    f"{entry.effective} rules no week: that of {monday} is the first it could, "
                    f"and there {other.origin.in_words()} replaces it."
                )
                hint = "Weeks begin on Mondays: move a date, or take one out."
                yield at(entry.origin, "SCEN-304", message, hint, "effective")


def canonical_value(
    value: float, unit: str, kind: ChangeKind, where: Mapping[str, str]
) -> tuple[float, str] | str:
    """Convert a value to one of the kind's units, or say what is wrong."""
    allowed = units_of(kind, where)
    if unit not in UNITS:
        wanted = f"{kind.name} is given in {' or '.join(allowed)}."
        return f'"{unit}" is not a unit; {wanted} {nearest(unit, UNITS)}'.strip()
    for canonical in allowed:
        try:
            return convert(value, unit, canonical), canonical
        except UnknownUnit:
            continue
    return f'"{unit}" does not fit; {kind.name} is given in {" or ".join(allowed)}.'


def read_change(part: ChangePart, document: Document, address: Address) -> Change:
    """Turn a change into canonical units; a unit that does not fit is a problem."""
    value, unit = part.value, part.unit
    kind = KINDS.get(part.what)
    if kind is not None:
        converted = canonical_value(value, unit, kind, part.where)
        if isinstance(converted, str):
            document.report("SCEN-404", converted, (*address, "unit"))
        else:
            value, unit = converted
    return Change(
        what=part.what,
        where=tuple(sorted(part.where.items())),
        start=part.when.from_ if part.when else None,
        end=part.when.to if part.when else None,
        announced=part.announced,
        value=value,
        unit=unit,
        why=part.why,
        source=part.source,
        origin=origin_at(document, address),
    )


def check_change(change: Change, span: Span | None, words: Vocabulary, report: Report) -> None:
    """Check the kind, words, unit, bounds and dates of one change."""
    here, kind = change.origin, KINDS.get(change.what)
    check_source(here, change.source, words, report)
    if kind is None:
        hint = nearest(change.what, KINDS) or f"Known: {', '.join(KINDS)}."
        report(at(here, "SCEN-401", f'"{change.what}" is no kind of change.', hint, "what"))
        return
    found: list[Problem] = list(_where_problems(change, kind, words))
    for fault in found:
        report(fault)
    upper = upper_bound(kind, change.unit)
    unit_is_known = change.unit in units_of(kind, dict(change.where))
    if unit_is_known and not 0.0 <= change.value <= upper:
        limit = f"between 0 and {upper:g}" if upper < float("inf") else "at least 0"
        message = f"{change.value:g} {change.unit} is not possible; {limit} is."
        report(at(here, "SCEN-405", message, path="value"))
    if not found and not targets(kind, dict(change.where), words):
        named = ", ".join(f"{key} {word}" for key, word in change.where)
        message = f"nothing in the data has {named}."
        report(at(here, "SCEN-406", message, kind.meaning, "where"))
    _check_dates(change, kind, span, report)


def _where_problems(change: Change, kind: ChangeKind, words: Vocabulary) -> Iterable[Problem]:
    where, here = dict(change.where), change.origin
    for key, word in where.items():
        if key not in kind.keys:
            hint = nearest(key, kind.keys) or f"Known: {', '.join(kind.keys)}."
            yield at(here, "SCEN-402", f'{kind.name} has no place "{key}".', hint, f"where.{key}")
            continue
        fault = unknown_word(words, key, word)
        if fault:
            yield at(here, "SCEN-401", *fault, path=f"where.{key}")
    missing = [key for key in kind.needs if key not in where]
    if missing or (kind.one_of and not any(key in where for key in kind.may_have)):
        wanted = ", ".join(missing) if missing else f"one of {', '.join(kind.may_have)}"
        message = f"{kind.name} must say where: {wanted}."
        yield at(here, "SCEN-403", message, path="where")


def _check_dates(change: Change, kind: ChangeKind, span: Span | None, report: Report) -> None:
    here = change.origin
    if not kind.dated and (change.start or change.end or change.announced):
        message = f"{kind.name} is about the start and knows no dates."
        report(at(here, "SCEN-406", message, "Take out when and announced.", "when"))
    elif kind.adds and change.announced:
        message = f"{kind.name} is known from the start, whenever it comes."
        report(at(here, "SCEN-406", message, "Take announced out.", "announced"))
    if change.start and change.end and change.start >= change.end:
        message = f"it ends on {change.end}, not after its start, {change.start}."
        report(at(here, "SCEN-302", message, "Correct one of the two dates.", "when"))
    elif change.start and change.end and monday_from(change.start) >= change.end:
        message = f"it holds in no week: none begins from {change.start} to before {change.end}."
        report(at(here, "SCEN-304", message, "Weeks begin on Mondays: move a date.", "when"))
    if change.announced and change.start and change.announced > change.start:
        message = f"it starts on {change.start}, before it is announced, {change.announced}."
        report(at(here, "SCEN-302", message, "Correct one of the two dates.", "announced"))
    for name, day in (("from", change.start), ("to", change.end)):
        if span and day and not span.start <= day <= span.end:
            message = f"{day} lies outside the horizon, {span.start} to {span.end}."
            hint = "Move the date, or change horizon."
            report(at(here, "SCEN-301", message, hint, f"when.{name}"))


def check_known_in_time(change: Change, start: date, report: Report) -> None:
    """What begins with the horizon, for want of a date, is announced by then.

    Else what planners believed would become history though the world was otherwise.
    """
    if change.announced and not change.start and change.announced > start:
        day = change.announced
        message = f"it begins with the horizon, on {start}, before it is announced, {day}."
        hint = f"Write when: {{from: {day}}}, or take announced out."
        report(at(change.origin, "SCEN-302", message, hint, "announced"))


MOST_CLASHES = 10
"""So many others are named of one change that clashes with more."""


def check_conflicts(
    changes: Sequence[Change], start: date, words: Vocabulary, report: Report
) -> None:
    """No two changes set one number in the same week; the first that sets a week has it."""
    owned: dict[tuple[str, ...], list[_Owned]] = {}
    for change in changes:
        first, last = _weeks(change, start)
        clashes: dict[int, Change] = {}
        for target in sorted(targets(KINDS[change.what], dict(change.where), words)):
            for other in _owners(owned.setdefault(target, []), first, last, change):
                if len(clashes) < MOST_CLASHES:
                    clashes.setdefault(id(other), other)
        for other in clashes.values():
            named = other.origin.in_words()
            message = f"it sets a number that {other.what} in {named} sets in the same week."
            report(at(change.origin, "SCEN-411", message, "Keep one, or part their dates."))


_Owned = tuple[float, float, Change]
"""First week, week after the last, and the change that sets a number in them."""


def _owners(owned: list[_Owned], first: float, last: float, change: Change) -> list[Change]:
    """The changes that own weeks of a span; the weeks that none owns become those of `change`.

    `owned` is in the order of its weeks, none of which is there twice.
    """
    place = bisect_right(owned, first, key=lambda one: one[0])
    if place and owned[place - 1][1] > first:
        place -= 1
    end, found, mine, free = place, [], [], first
    while end < len(owned) and owned[end][0] < last:
        begun, over, other = owned[end]
        if begun > free:
            mine.append((free, begun, change))
        mine.append(owned[end])
        found.append(other)
        free, end = over, end + 1
    if free < last:
        mine.append((free, last, change))
    owned[place:end] = mine
    return found


def _weeks(change: Change, start: date) -> tuple[float, float]:
    """The weeks in which a change holds, counted from the start: the first, the one after."""
    first = -((start - change.start).days // 7) if change.start else float("-inf")
    last = -((start - change.end).days // 7) if change.end else float("inf")
    return first, last


def origin_at(document: Document, address: Address) -> Origin:
    """Where a part of a file is written, and what is inside it."""
    line, column = document.place(address)
    path = ".".join(str(part) for part in address)
    return Origin(document.file, line, column, path, tuple(_parts(document, address)))


def _parts(document: Document, address: Address, path: str = "") -> Iterator[tuple[str, int, int]]:
    """The place of everything written below an address, by dotted key."""
    tree: Any = document.tree
    for step in address:
        tree = tree[step]
    for key in tree if isinstance(tree, dict) else ():
        below = f"{path}.{key}" if path else key
        yield below, *document.place((*address, key))
        yield from _parts(document, (*address, key), below)
