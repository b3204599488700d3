"""What `import supplychain as sc` offers to a type checker; the module itself imports lazily."""

from __future__ import annotations

from supplychain.notebook.door import compare as compare
from supplychain.notebook.door import ensemble as ensemble
from supplychain.notebook.door import read as read
from supplychain.notebook.door import run as run

__version__: str
