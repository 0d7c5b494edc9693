"""The benchmark of backbone adapters: overhead beside the model, repeated encodings, and which memory reaches which family."""
