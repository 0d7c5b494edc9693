"""Mixing of stems: levels, loudness and limiting."""
