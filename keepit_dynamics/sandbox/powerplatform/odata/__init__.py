"""The parts of OData that the services speak: filters, query options and pages."""
