"""Microsoft Graph: facts on the account, its directory roles and its licences."""
