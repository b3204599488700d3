"""First pass over a scenario file: keys, kinds of value, dates; every problem with its place.

Each entry and change is checked on its own, so a slip in one hides nothing in the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from supplychain.errors import nearest
from supplychain.regime.document import (
    ChangePart,
    EntryPart,
    ForesightPart,
    HeadPart,
    HorizonPart,
    ScenarioPart,
)
from supplychain.regime.yaml_reader import Address, Document

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Shape:
    """The parts of a file that are well formed; entries and changes with their position in it."""

    name: str
    title: str
    extends: str
    horizon: HorizonPart
    foresight: ForesightPart
    timeline: tuple[tuple[int, EntryPart], ...]
    changes: tuple[tuple[int, ChangePart], ...]


def check_shape(document: Document) -> Shape:
    """Check everything that needs no data; problems are added to the document."""
    tree = document.tree
    known = list(ScenarioPart.model_fields)
    for key in tree:
        if key not in known:
            unknown_key(document, (key,), known)
    head = {key: tree[key] for key in ("name", "title", "extends") if key in tree}
    checked = check_part(HeadPart, head, (), document)
    return Shape(
        name=str(getattr(checked, "name", tree.get("name", ""))),
        title=str(getattr(checked, "title", tree.get("title", ""))),
        extends=str(getattr(checked, "extends", None) or ""),
        horizon=optional_part(HorizonPart, "horizon", document),
        foresight=optional_part(ForesightPart, "foresight", document),
        timeline=check_items(EntryPart, "timeline", document),
        changes=check_items(ChangePart, "changes", document),
    )


def optional_part(model: type[Model], key: str, document: Document) -> Model:
    """Check one optional mapping; an empty one stands for a missing or faulty one."""
    empty = model.model_validate({})
    if key not in document.tree:
        return empty
    return check_part(model, document.tree[key], (key,), document) or empty


def check_items(model: type[Model], key: str, document: Document) -> tuple[tuple[int, Model], ...]:
    """Check every item of an optional list, and keep those that are well formed."""
    items = document.tree.get(key, [])
    if not isinstance(items, list):
        document.report("SCEN-203", "a list is wanted here, each item after a dash.", (key,))
        return ()
    checked = ((i, check_part(model, item, (key, i), document)) for i, item in enumerate(items))
    return tuple((i, item) for i, item in checked if item is not None)


def check_part(
    model: type[Model], value: Any, address: Address, document: Document
) -> Model | None:
    """Check one part of a file; its faults are added to the document, and None comes back."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=True):
            _translate(model, dict(fault), address, document)
        return None


def _translate(
    model: type[BaseModel], fault: dict[str, Any], address: Address, document: Document
) -> None:
    """Turn one fault as pydantic words it into a problem as a user reads it."""
    here: Address = (*address, *fault["loc"])
    if fault["type"] == "extra_forbidden":
        unknown_key(document, here, _known_keys(model, fault["loc"][:-1]))
    elif fault["type"] == "missing":
        message = f'the key "{here[-1]}" is missing.'
        document.report("SCEN-202", message, here[:-1], hint=f"Add {here[-1]}: ...")
    else:
        given = fault["input"] if isinstance(fault["input"], str) else ""
        hint = ""
        if fault["type"] == "literal_error":
            expected = str(fault["ctx"]["expected"])
            hint = nearest(given, expected.replace("'", "").replace(",", "").split())
        shown = f'"{given}": ' if given else ""
        document.report("SCEN-203", f"{shown}{_wanted(fault)}.", here, hint=hint)


def _wanted(fault: dict[str, Any]) -> str:
    """Say what the key wants."""
    kind, context = str(fault["type"]), fault.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"{context['expected']} is wanted".replace("'", "")
    if kind.startswith("date"):
        return "there is no such day"
    if kind in ("greater_than_equal", "less_than_equal"):
        side = "at least" if kind.startswith("greater") else "at most"
        return f"{side} {context.get('ge', context.get('le'))} is wanted"
    return _PLAIN.get(kind, str(fault["msg"]))


_PLAIN = {
    "int_parsing": "a whole number is wanted",
    "int_type": "a whole number is wanted",
    "int_from_float": "a whole number is wanted",
    "float_parsing": "a number is wanted",
    "float_type": "a number is wanted",
    "finite_number": "a finite number is wanted",
    "string_type": "a word or text is wanted, not a list or keys",
    "dict_type": "keys with values are wanted, as {site: lynas-kuantan}",
    "model_type": "keys with values are wanted here",
    "list_type": "a list is wanted here, each item after a dash",
    "too_short": "at least one is wanted here",
    "greater_than": "a number above 0 is wanted",
    "string_pattern_mismatch": "small letters, digits and hyphens are wanted, as no-truce",
    "string_too_long": "at most 60 letters are wanted",
}


def unknown_key(document: Document, address: Address, known: Sequence[str]) -> None:
    """Report a key that is not known, with the nearest one that is."""
    hint = nearest(str(address[-1]), known) or f"Known here: {', '.join(known)}."
    message = f'"{address[-1]}" is not a key here.'
    document.report("SCEN-201", message, address, hint=hint, key=True)


def _known_keys(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The keys of the mapping at an address below a model."""
    for key in loc:
        fields = {f.alias or name: f for name, f in model.model_fields.items()}
        if key in fields:
            model = next(_models(fields[str(key)].annotation), model)
    return [f.alias or name for name, f in model.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside a type, as in `list[EntryPart] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
