"""The job type ``generate_report``."""
