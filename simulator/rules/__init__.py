"""Decisions as pure functions of numbers and arrays: no objects, no chance, no clock of their own."""
