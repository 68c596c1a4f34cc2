"""The job type ``ones``."""
