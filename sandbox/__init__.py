"""Local stand-ins for Slack and Teams that speak the real protocols, and the people who use them."""
