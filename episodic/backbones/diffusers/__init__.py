"""Open video models through `diffusers`: the parts that all families share, and one module per family in `families`."""
