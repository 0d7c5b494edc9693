"""Tiny pipelines with random weights, one module per family: real pipeline classes with nothing learnt, for tests and benchmarks."""
