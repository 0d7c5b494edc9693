"""Checks of finished plans: language, canon, repetition, what the prompt asks for. Pure functions on plans; `episodic bench planner` runs them."""
