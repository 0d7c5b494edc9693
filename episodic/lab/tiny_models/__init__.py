"""Tiny pipelines with random weights, one module per family: the real pipeline classes, untrained, for tests and benchmarks."""
