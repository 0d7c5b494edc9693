"""Reading a prompt: language in, premise out. No story decisions are taken here."""
