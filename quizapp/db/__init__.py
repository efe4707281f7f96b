"""The database: engine, base and models."""
