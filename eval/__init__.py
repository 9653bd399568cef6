"""Scoring: the metrics of the paper, and what runs them over sets of documents."""
