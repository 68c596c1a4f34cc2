"""The system function behind the HTTP API."""
