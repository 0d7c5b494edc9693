"""What a character, garment, prop or place looks like, read from its description."""
