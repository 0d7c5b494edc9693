"""What makes neighbouring takes agree: layers in latents while a model samples, and in pixels after it has."""
