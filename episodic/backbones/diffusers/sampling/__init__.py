"""Sampling a take: windows, pixels to film frames, receipts and encoded prompts."""
