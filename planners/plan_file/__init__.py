"""Plan files in YAML: reading, writing, schema and error messages."""
