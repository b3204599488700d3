"""Network and numbers to a Pyomo model."""
