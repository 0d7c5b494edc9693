"""Diffusion backbones: what generates shots."""
