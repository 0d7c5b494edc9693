"""Coreference: whom pronouns and words like `one of them` mean."""
