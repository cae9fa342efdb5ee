"""A simulated crowd: people who take part over real HTTP, as a browser would, some with scripts and some without."""
