"""From a batch of messages to settled jobs, over ports only.

``batch`` reads aloud: arrive -> claim (``admission``) -> run (``attempt``) -> ``settle``.
"""
