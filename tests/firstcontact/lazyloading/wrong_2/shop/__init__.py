"""The shop: one module for each part."""
