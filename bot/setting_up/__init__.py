"""`liaison init`: questions, each answer checked on the spot, and the two files that they become."""
