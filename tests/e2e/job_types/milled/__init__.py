"""The job type ``milled``."""
