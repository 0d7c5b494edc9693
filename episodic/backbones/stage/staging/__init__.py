"""Placing performers, camera and light in the set before sampling."""
