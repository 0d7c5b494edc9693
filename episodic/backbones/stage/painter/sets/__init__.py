"""Drawing of sets: rooms, landscapes, moving items and weather, and the plates they are painted into."""
