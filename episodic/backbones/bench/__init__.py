"""What is promised of open video models, measured: time beside the model, nothing encoded twice, what of memory reaches which family."""
