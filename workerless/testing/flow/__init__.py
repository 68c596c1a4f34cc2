"""Flow control in memory."""
