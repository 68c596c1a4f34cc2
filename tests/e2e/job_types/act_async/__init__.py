"""The job type ``act_async``."""
