"""The job type ``reserve_stock``."""
