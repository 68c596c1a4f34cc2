"""The system function that tells an event bus what jobs do."""
