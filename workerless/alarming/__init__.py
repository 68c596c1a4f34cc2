"""What CloudWatch would say: its alarms, computed from series instead of waited for.

Read ``metric`` and ``window`` (what was measured, and the points that alarms see of it),
``expression`` (metric math), ``state`` (from points to a state), ``alarm`` and ``composite`` (one
of either kind), ``template`` (those of a synthesised stack), and ``watch`` (all, over time).

Where the documentation of CloudWatch leaves a choice, it is a parameter, so that a test can hold
that an alarm does not hang on it: ``Leeway``.
"""
