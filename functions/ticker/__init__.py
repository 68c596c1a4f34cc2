"""The system function that moves what nothing else would move."""
