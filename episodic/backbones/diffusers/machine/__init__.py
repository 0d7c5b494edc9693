"""Fitting a model to the machine: plan, model size, the one loaded pipeline and cached encodings."""
