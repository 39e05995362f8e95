"""Using a model over HTTP. Imports ``models``; never ``training``."""
