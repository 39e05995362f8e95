"""A store to look around in: two weeks of an invented town's newspaper, its readers and its moderators."""
