"""One file a step, forward only. A step that landed is never changed."""
