"""The job type ``import_records``."""
