"""Doubles of every port, for tests without AWS. Import them from ``workerless.testing.memory``."""
