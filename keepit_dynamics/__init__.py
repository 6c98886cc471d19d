"""Is this Microsoft 365 account ready to be Keepit's backup account for Dynamics 365? And create the connector."""
