"""MIME as it really comes: headers, parts, addresses, text."""
