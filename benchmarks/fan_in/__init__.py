"""Ten thousand members of a batch on the local cloud: time, and calls by what they write."""
