"""Edits and questions about a series: set a fact, show the canon, search, roll back, find the impact of an edit."""
