"""The plan of an episode: model, vocabulary, actions, scene graph and durations."""
