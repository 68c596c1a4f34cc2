"""The job type ``process_image``."""
