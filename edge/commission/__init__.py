"""Commissioning: a person opens and shuts doors, and the wizard writes what the boards turn out to be."""
