"""The benchmark of the memory on a synthetic series."""
