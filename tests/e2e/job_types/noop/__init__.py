"""The job type ``noop``."""
