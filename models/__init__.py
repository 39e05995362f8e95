"""What a model is: features, heads, calibration, and the bundle that holds them."""
