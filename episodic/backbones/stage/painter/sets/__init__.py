"""Drawing of sets: rooms, landscapes, moving parts and weather."""
