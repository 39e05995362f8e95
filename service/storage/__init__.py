"""What is kept: articles, comments with their scores and decisions, and who erased what. SQLite or PostgreSQL."""
