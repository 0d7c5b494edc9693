"""The cartoon painter: takes become frames, drawn with skia from looks, sets, light and the motion of a latent."""
