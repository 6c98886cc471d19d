"""Keepit: facts on an account and its connectors, and the writes that make one."""
