"""What staff see and do; teachers see the class lists of their own classes."""
