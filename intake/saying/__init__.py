"""What letters and reminders have in common: faults, what is lacking, wording. Pure."""
