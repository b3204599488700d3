"""Room `scheduled_reports`: reports that make themselves, from a definition to a dated folder."""
