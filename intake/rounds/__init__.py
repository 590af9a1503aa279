"""Rounds: collect, answer, remind, deliver, record. Each is a loop over one step; a tick is only a wake-up."""
