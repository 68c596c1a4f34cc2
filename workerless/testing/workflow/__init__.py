"""Batches and workflows in memory."""
