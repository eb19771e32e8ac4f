"""The file `alliance.yaml`: what it may say, how it is read and checked, and how it is written."""
