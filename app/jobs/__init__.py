"""Work outside the request, kept in our own database: the changes log that followers read."""
