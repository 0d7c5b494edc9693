"""Places: where a film plays and where each of its events happens."""
