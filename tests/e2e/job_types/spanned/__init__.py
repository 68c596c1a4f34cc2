"""The job type ``spanned``."""
