"""Our own metrics that alarms watch, by name; their dimensions are ``service`` and ``job_type``."""

NAMESPACE = "Workerless"
SERVICE, JOB_TYPE = "service", "job_type"
JOBS_FAILED = "JobsFailed"
JOB_ATTEMPTS = "JobAttempts"
JOB_DURATION = "JobDuration"
MEMORY_USED = "MemoryUsed"
# Counted from lines of the sweeper and the ticker.
SCHEDULES_MISSED = "SchedulesMissed"
QUEUE_PAUSED = "QueuePaused"
