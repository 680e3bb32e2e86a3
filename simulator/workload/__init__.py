"""Everything random, as columns: what the world does, whatever we decide."""

from simulator.workload.workload import Workload, draw

__all__ = ["Workload", "draw"]
