"""Scripted scene material: scene cards, obstacles, topics, genres and places."""
