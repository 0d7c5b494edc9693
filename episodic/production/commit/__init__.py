"""Committing rendered scenes to memory."""
