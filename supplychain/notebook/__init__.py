"""The door for notebooks: runs, comparisons and ensembles that show themselves."""
