"""Experiments: the same scenario many times over, on one machine or on a cluster."""
