"""Room `exchange`: what leaves for other tools and comes back: workbooks and the IAMC layout."""
