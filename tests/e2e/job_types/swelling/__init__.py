"""The job type ``swelling``."""
