"""The production graph: tasks, keys, execution, ledger, estimates and progress events."""
