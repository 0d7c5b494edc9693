"""The choreographed simulator that `stage` is trained on."""
