"""The parts of the daily digest: units, letters, the office itself. Pure."""
