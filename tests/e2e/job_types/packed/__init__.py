"""The job type ``packed``."""
