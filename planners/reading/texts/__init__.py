"""Texts: the prompt before it is parsed, names in it, steps stated as imperatives, and documents that a lesson is made from."""
