"""The audit of environments that are acted in."""
