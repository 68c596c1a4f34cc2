"""The job type ``release_stock``."""
