"""Control passes of a painted shot: depth, masks, pose and observation."""
