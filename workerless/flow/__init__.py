"""The rules of flow control, each a pure function of what is known and of the time."""
