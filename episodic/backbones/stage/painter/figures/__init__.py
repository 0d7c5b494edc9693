"""Drawing of people, animals, robots, spirits, things and their clothes."""
