"""Texts of the pages: numbers, glossary, error messages, example prompts."""
