"""What leaves for other tools and comes back: workbooks and the IAMC layout."""
