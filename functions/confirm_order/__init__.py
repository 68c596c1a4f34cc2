"""The job type ``confirm_order``."""
