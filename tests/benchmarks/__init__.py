"""Speed and memory of collecting, against what others do with the same mailbox: `make bench`."""
