"""All words the liaison says, and the blocks they are said with."""
