"""For tests without AWS: ``stage`` has a stage in memory, ``memory`` a double of every port."""
