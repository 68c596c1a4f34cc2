"""The job type ``revived``."""
