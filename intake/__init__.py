"""From mailbox to decision and reply."""
