"""One module per family of models: what it can take, and its rules. `drivers` holds the modules that run their pipelines."""
