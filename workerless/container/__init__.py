"""Workers in a container: the same handlers, whose messages are polled for instead of pushed.

``crew`` keeps processes at work and ends them; ``post`` is what one process does; ``shift`` is its
loop, over ports; ``health`` says whether all of them still turn.
"""
