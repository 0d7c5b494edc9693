"""Everything that changes a memory: commits, branches and derived spans."""
