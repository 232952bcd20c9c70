"""What every layer speaks: errors, verdicts, the ledger."""
