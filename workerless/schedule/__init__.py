"""Schedules: when jobs start by themselves. Pure: no clock, no AWS."""
