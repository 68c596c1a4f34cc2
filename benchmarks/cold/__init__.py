"""Cold starts: a plain worker beside the same made of Powertools; each alone in its interpreter."""
