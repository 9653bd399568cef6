"""Training: the recipes of the bundled models."""
