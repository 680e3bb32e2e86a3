"""Words that every room speaks: codes, columns, clock, units, errors."""
