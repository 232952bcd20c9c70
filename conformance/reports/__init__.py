"""Consumers of verdicts."""
