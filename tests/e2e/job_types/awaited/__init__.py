"""The job type ``awaited``."""
