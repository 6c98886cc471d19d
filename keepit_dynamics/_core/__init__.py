"""The machinery under the clients: flows and their drivers, one HTTP pipeline, conversion, redaction."""
