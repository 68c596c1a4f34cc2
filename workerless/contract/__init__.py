"""Whether messages that exist are read by this code, and this code's messages by the code before.

``schema`` takes a JSON Schema apart, ``accepts`` compares two of them (``scalars`` their smallest
parts), ``recorded`` is what a release left in the repository, ``check`` holds the checkout to it.
"""
