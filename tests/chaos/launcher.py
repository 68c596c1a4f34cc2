"""Starts microburst with a seed, for which it has no setting: ``launcher.py SEED OPTION...``.

The dice fall in the same order each time. Which call meets which of them is up to the processes
that make the calls, so a seed repeats a run's weather, not its every gust.
"""

import random
import sys

from microburst.cli import main

if __name__ == "__main__":
    random.seed(int(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
