"""What people read: verdicts in words, the chain on a terminal, the failure text, the HTML report."""
