"""The figures of all pages, one family a module."""
