"""Syntax: the parse of a prompt, with the parser's usual mistakes repaired."""
