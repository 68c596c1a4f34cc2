"""The system function that moves batches and workflows on."""
