"""What happens when someone, or time, asks for something: one function per intent."""
