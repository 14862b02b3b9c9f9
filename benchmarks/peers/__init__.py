"""Side by side with others: the same made works in a plain service, in Datasette and in calibre's content server."""
