"""One module a way to run jobs: ``prepare()`` returns a function that handles one batch of ten."""
