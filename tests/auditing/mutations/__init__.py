"""Planted faults: twelve sound graders, and mutations of them, written before any probe ran."""
