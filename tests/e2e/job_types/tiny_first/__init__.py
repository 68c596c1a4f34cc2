"""The job type ``tiny_first``, which shares a function."""
