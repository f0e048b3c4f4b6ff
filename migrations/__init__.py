"""Plain SQL, numbered, and the small runner that applies it."""
