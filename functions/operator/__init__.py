"""The operator: drives bulk operations on."""
