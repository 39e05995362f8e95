"""Every schema that landed, and the way from each to the next."""
