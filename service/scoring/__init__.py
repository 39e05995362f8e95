"""Many callers, one batch, one live bundle."""
