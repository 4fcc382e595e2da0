"""What a campaign would do, before it does it: e-mails as people would get them, and when they would go."""
