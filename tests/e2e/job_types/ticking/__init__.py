"""The job type ``ticking``."""
