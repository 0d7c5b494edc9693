"""From a premise to a plot: what happens, in which order, and why."""
