"""Verger's tests. A package, so that a library's own top-level ``tests`` can never stand in for it."""
