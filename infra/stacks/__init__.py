"""The stacks: one for what all job types share, one for each job type."""
