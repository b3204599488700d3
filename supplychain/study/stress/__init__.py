"""Stress tests: one node of the supply chain broken at a time, and how long customers survive."""
