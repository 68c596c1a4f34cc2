"""The command line ``workerless``."""
