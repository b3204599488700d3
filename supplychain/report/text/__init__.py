"""Results in the words and tables of a terminal."""
