"""The SimPy model: the reference engine, written to be read. Begin with README.md, then customer.py."""

from simulator.model.run import simulate

__all__ = ["simulate"]
