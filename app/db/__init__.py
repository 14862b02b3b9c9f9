"""The database: engine, session, types, naming convention."""
