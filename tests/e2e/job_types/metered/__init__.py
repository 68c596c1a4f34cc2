"""The job type ``metered``."""
