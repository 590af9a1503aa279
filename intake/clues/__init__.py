"""What identify and classify lean on: names of units, words, titles, shapes of mails. Pure."""
