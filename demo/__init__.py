"""What ``make demo`` shows: real jobs of every kind on the real stacks, in the local cloud.

``show.py`` is the order of things; each file in ``steps/`` is an example of its own.
"""
