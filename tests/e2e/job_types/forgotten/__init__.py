"""The job type ``forgotten``."""
