"""The tests that hold the architecture: they read the tree itself, so they hold for files not yet written."""
