"""What a story needs to know about words: WordNet, and tables that a writer can extend without Python."""
