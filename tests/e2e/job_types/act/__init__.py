"""The job type ``act``."""
