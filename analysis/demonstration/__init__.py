"""`make demo`: from an empty database to a study that a simulated crowd has filled, on a running site."""
