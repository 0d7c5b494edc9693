"""Tiny models with random weights, one builder per family: real pipeline classes with nothing learnt, for tests and measurements."""
