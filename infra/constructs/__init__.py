"""Parts of a stack. Each takes a stage and a job type and derives all its figures from them."""
