"""Dates and numbers by language, where ours differ from the framework's."""
