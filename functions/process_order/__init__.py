"""An order as a workflow: its steps are job types of their own, its books are here."""
