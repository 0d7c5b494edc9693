"""What several steps have in common, and the work of those steps whose own file would grow too long."""
