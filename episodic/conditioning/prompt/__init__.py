"""Text prompts for text-conditioned models, built from a shot request."""
