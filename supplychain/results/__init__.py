"""Histories to tidy tables with units, recomputed balances, indicators and the run record."""
