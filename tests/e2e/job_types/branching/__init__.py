"""The job type ``branching``."""
