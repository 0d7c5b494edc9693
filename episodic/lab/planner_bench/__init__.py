"""The benchmark of planners, `episodic bench planner`."""
