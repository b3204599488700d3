"""The programme compiled once, then solved for many windows."""
