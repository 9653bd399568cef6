"""Training of a stage: settings in, checkpoints and a described folder out."""
