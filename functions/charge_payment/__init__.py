"""The job type ``charge_payment``."""
