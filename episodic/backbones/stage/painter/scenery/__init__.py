"""Drawing of the fixed features of sets."""
