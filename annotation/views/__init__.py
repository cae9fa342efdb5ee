"""Pages of annotators, one module per step."""
