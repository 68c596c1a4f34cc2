"""The job type ``cautious``."""
