"""Traces for OpenTelemetry, where the operator names a collector; nothing is measured where none is named."""
