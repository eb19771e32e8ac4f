"""What Slack and Teams want to know of the app before it can be installed: made here, ready to upload."""
