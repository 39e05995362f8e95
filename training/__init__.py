"""Making a model: from labelled comments to a bundle."""
