"""One driver per family: it loads the family's pipelines with torch and diffusers, and maps a window to the arguments of a call."""
