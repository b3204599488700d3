"""A `Solution` to a `Run`: tidy tables with units, recomputed balances, the record."""
