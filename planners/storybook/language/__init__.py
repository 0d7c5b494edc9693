"""From prompt text to words: parsing, lexicon and inflection."""
