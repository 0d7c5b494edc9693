"""The command line: one command per file, no logic. `cli.main` is the way in."""
