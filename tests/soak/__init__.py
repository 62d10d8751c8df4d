"""Two nodes of real processes on real sockets, and everything that can go wrong between them."""
