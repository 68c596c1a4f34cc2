"""The job type ``tens``."""
