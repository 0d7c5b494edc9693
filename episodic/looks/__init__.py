"""Looks: what a character, garment, prop or place looks like, read from its description with the tables in `data`. No drawing."""
