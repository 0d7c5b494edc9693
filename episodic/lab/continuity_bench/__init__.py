"""The benchmark of continuity over long gaps on a synthetic series."""
