"""Texts beside the prompt: steps stated as imperatives, and documents that a lesson is made from."""
