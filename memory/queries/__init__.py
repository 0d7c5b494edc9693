"""Questions to the memory: canon at a position, history, search, recall and integrity."""
