"""What alarms there are: rows that say it (``row``, ``*_rows``), and constructs made of them."""
