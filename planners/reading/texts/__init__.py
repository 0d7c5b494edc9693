"""Texts: the prompt before it is parsed, steps stated as imperatives, and documents that a lesson is made from."""
