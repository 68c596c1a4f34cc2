"""The job type ``needy``."""
