"""The job type ``gathered``."""
