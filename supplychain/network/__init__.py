"""`Tables` to `Network`: what there is, before any date."""
