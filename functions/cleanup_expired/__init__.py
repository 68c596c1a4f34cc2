"""The job type ``cleanup_expired``."""
