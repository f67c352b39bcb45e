"""What `app/client.py` is made of. Nothing here knows the server's own code."""
