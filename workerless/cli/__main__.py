"""``python -m workerless.cli``: the command line where its script is not on PATH."""

from workerless.cli.app import main

main()
