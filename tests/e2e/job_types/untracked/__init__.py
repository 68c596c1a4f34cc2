"""The job type ``untracked``."""
