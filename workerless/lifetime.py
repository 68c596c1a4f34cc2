"""How long files are kept: in a few classes of days, since a bucket's rules go by tag. Pure.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-filters.html
"""

import math
from datetime import timedelta

KEEP_TAG = "keep"
# A result for a day; a payload through its queues; a year; the longest wait; and with the longest
# retention after it.
KEEP_DAYS = (2, 45, 400, 4_000, 8_000)


def days_for(keep: timedelta) -> int:
    """The shortest class that covers ``keep``; the longest, 22 years, where none does."""
    days = math.ceil(keep / timedelta(days=1))
    return next((one for one in KEEP_DAYS if one >= days), KEEP_DAYS[-1])
