"""The report of an episode: what was made, what it was conditioned on, how consistent it is."""
