"""The job types: one folder each, `job.py` says what it is, `handler.py` does it."""
