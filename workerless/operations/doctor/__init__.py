"""What is wrong with a deployment, and the fix: one small function for each rule.

``examination.py`` has all of them; ``docs/troubleshooting.md`` lists the rules.
"""
