"""The job type ``lean``."""
