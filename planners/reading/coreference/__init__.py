"""Coreference: the entities of a prompt, and whom pronouns and words like `one of them` mean."""
