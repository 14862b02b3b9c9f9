"""``python -m benchmarks.scale``: the same archive with ten thousand, a hundred thousand and a million works."""
