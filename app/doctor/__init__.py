"""Looking an archive over, and mending what can be mended without a decision of anybody's."""
