"""What moderation changes: reports and accounts, and who an imported author is."""
