"""Schedules in the stage's table, its parameters and EventBridge Scheduler."""
