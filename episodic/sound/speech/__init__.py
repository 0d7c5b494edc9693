"""Speech synthesis: engines, voices, delivery, lips and vocoder."""
