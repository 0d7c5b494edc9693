"""Character sheets, location plates and first frames from picture models."""
