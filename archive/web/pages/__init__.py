"""One file a page: it reads what it shows and hands plain values to its template."""
