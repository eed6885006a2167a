"""Audits and certificates as people read them: tables in a terminal, pages of HTML."""
