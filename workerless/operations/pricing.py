"""What AWS charges, in dollars, in one place. Without free tiers, discounts and taxes.

Region us-east-1, Lambda on arm64, DynamoDB on demand, as published when this was written; prices
change, and other regions have their own.
"""

from datetime import date

NOTED_ON = date(2026, 11, 22)
REGION = "us-east-1"

_MILLION = 1_000_000
SQS_REQUEST = 0.40 / _MILLION
LAMBDA_CALL = 0.20 / _MILLION
LAMBDA_GB_SECOND = 0.0000133334
# Of a poller in provisioned mode.
POLLER_HOUR = 0.00925
DYNAMODB_WRITE_UNIT = 0.625 / _MILLION
DYNAMODB_READ_UNIT = 0.125 / _MILLION
SCHEDULER_CALL = 1.00 / _MILLION
# CloudWatch: what a log takes in, and a month of each metric, alarm (by metric) and dashboard.
LOG_GB = 0.50
METRIC = 0.30
ALARM = 0.10
COMPOSITE_ALARM = 0.50
DASHBOARD = 3.00
