"""The job type ``tiny_second``, which shares a function."""
