"""Closed forms of queueing theory: the references that the model is measured against. Pure, no chance, no scenario.

All functions take rates and times in one unit of the caller's choice (rates per unit, times in that unit); shares
and probabilities are fractions. Each file is one family.
"""
