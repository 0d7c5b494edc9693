"""A series on disk: its folder, settings, branches, memory and story positions."""
