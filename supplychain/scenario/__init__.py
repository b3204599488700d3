"""Room `scenario`: a YAML file becomes a resolved `Scenario`."""
