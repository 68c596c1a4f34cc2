"""What Workerless costs beside what else one could take; ``README.md`` says how to run it."""
