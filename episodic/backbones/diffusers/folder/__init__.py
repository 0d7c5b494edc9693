"""Model folders: specification, inspection, safe reading, loading and the catalogue."""
