"""The job type ``cancel_order``."""
