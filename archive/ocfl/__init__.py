"""OCFL 1.1 objects: inventories, building them durably, mending what a crash left. `archive.vault` is its door."""
