"""The job type ``laned``."""
