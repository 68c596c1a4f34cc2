"""What the demo shows, one thing a file; each reads as an example by itself."""
