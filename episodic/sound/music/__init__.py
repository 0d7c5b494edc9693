"""Music cues: moods, harmony, melody and accompaniment."""
