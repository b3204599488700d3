"""Names of the data as they stand inside a sentence."""

from __future__ import annotations


def place(name: str) -> str:
    """Give a region its article where speech does.

    >>> place("United States"), place("Rest of world"), place("Japan")
    ('the United States', 'the rest of the world', 'Japan')
    """
    if name.startswith("United "):
        return f"the {name}"
    return "the rest of the world" if name == "Rest of world" else name


def within(name: str) -> str:
    """Write the name of a thing small inside a sentence, unless it is an abbreviation.

    >>> within("Yttria coating material"), within("NdFeB magnets without heavies"), within("")
    ('yttria coating material', 'NdFeB magnets without heavies', '')
    """
    first = name.split(" ", 1)[0]
    return name[:1].lower() + name[1:] if first[1:] == first[1:].lower() else name
