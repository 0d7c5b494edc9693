"""Database schema, connections, dialects and indexes."""
