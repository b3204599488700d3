"""The pages, each one self-contained HTML file."""
