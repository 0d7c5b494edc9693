"""The diffusion transformer of `stage`: latents, encoder, denoiser, sampling pipeline and weights."""
