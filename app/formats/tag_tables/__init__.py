"""Tables of tags as wranglers pass them on: pure readers, one file a shape, chosen by what a file holds."""
