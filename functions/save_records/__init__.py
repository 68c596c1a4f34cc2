"""The job type ``save_records``."""
