"""Films about a subject: its common day, what it says alone, and who is seen with it."""
