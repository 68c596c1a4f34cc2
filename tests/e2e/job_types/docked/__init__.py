"""The job type ``docked``."""
