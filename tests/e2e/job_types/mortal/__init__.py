"""The job type ``mortal``."""
