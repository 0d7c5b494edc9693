"""Open video models through `diffusers`: what all families share. One module per family lies in `episodic.backbones.families`."""
