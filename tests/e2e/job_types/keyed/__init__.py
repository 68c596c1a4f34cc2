"""The job type ``keyed``."""
