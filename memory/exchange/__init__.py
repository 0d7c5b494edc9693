"""The documented exchange format of a memory."""
