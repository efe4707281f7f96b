"""The pages: one folder an area, each with its views, forms and templates."""
