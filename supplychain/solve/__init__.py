"""The model compiled once, then solved for many windows: a `Case` to a `Solution`."""
