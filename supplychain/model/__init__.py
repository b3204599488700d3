"""`Network` and weekly numbers to a Pyomo model and its `Window`."""
