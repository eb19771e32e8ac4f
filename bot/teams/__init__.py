"""Microsoft Teams: everything the liaison sends to it and hears from it."""
