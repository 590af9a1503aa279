"""The demo: invented units, their materials and their mails, everything on one machine."""
