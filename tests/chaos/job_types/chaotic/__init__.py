"""The job type ``chaotic``."""
