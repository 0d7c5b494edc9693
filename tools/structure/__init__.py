"""Structural measures of the repository, compared with the ceilings in `ceilings.toml`.

    modules.py     tracked files as syntax trees, and the result of a measure
    rules.py       ceilings, thresholds, layers and word lists from the data file
    imports.py     cycles, layers, imports inside functions, size of `prepare`, cost of starting the CLI
    names.py       names of modules, variables and private functions
    sizes.py       long modules and functions, crowded folders, tables in code, formatter exceptions
    weak_types.py  string keys, untyped mappings, dependencies taken by position
    table.py       every measure with its key and its title
    __main__.py    the command: print the table, fail above a ceiling, list occurrences

Each measure states in its docstring what it counts.
"""
