"""Schedules in memory."""
