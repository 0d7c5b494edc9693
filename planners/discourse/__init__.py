"""From what happens to what is shown: scenes, shots and lines."""
