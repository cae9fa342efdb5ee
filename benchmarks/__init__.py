"""Measurements of the whole site on this machine. Each prints a table and writes JSON to benchmarks/results/."""
