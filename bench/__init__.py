"""Measurements. Not in the image, imported by nothing."""
