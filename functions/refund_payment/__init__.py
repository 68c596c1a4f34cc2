"""The job type ``refund_payment``."""
