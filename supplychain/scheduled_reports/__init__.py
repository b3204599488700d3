"""Reports that make themselves, from a definition to a dated folder."""
