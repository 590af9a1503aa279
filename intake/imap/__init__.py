"""The IMAP conversation beneath `intake.mailbox`."""
