"""Moves batches and workflows on: reads how one stands, has it decided what follows, and acts."""
