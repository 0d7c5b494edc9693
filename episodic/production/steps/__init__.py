"""The steps that make an episode."""
