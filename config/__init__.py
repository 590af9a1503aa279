"""What is asked: settings, campaigns, rosters and the calendar, as plain values without database or network."""
