"""A YAML file to a resolved `Scenario`."""
