"""Training of `stage`: batches, curriculum and optimisation."""
