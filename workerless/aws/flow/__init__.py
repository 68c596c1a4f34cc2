"""Flow control in the stage's table: one module for each kind of item."""
