"""Training of the voice and look encoders that judges use."""
