"""The job type ``send_email``."""
