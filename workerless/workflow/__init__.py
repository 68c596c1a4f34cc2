"""Workflows and batches: what follows from what. Pure: no clock, no store, no AWS."""
