"""Schedules in the hands of people and services: made, changed, paused, run. Over ports only."""
