"""Atomic files, digests and the content-addressed store of artifacts."""
