"""The job type ``validate_order``."""
