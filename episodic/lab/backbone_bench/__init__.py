"""The benchmark of backbone adapters: time outside the model, repeated encodings, and the memories that reach each family."""
