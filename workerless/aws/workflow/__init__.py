"""Batches and workflows in the stage's table."""
