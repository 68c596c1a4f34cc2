"""The job type ``patient``."""
