"""Room `reference`: the tables of docs/ that are written from code."""
