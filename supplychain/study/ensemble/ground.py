"""What the parts of an ensemble's definition are checked against."""

from __future__ import annotations

from dataclasses import dataclass

from supplychain.dataset import Tables
from supplychain.regime.meaning import Span
from supplychain.regime.vocabulary import Vocabulary
from supplychain.regime.yaml_reader import Document


@dataclass(frozen=True)
class Ground:
    """The file, the data and the horizon; problems are added to the document."""

    document: Document
    tables: Tables
    words: Vocabulary
    span: Span | None
    """None while the horizon is faulty."""
