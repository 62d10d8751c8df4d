"""What is true of tracing work, whatever stores or carries it."""
