"""Signing in to Microsoft and to Keepit: ways, checks of the account, tokens per resource."""
