"""The CDK application: what is declared in ``functions/*/job.py``, as stacks."""
