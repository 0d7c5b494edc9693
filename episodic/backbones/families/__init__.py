"""One module per family of open video models: what it takes, its rules, and how its pipeline is called."""
