"""The tables of docs/ that are written from code, and the picture of the rooms."""
