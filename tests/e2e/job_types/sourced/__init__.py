"""The job type ``sourced``."""
