"""Measures of what takes show and let hear: looks, voices, light, colour; and how consistent they are over a series."""
