"""Ambience beds and sound effects."""
