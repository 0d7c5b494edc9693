"""The production graph: steps and tasks, keys, execution, the ledger, estimates and progress events."""
