"""Ensembles: many sampled futures of one scenario, solved and put into odds."""
