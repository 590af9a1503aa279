"""What is kept and what follows from it. Nothing here knows that IMAP or SMTP exist."""
