"""Telling others of decisions: the outbox's sender, and where it may send to."""
