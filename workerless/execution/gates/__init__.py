"""The gates, one module each. Only job types that declare one load it."""
