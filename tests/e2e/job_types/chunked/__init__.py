"""The job type ``chunked``."""
