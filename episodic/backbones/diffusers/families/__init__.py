"""One adapter module per model family."""
