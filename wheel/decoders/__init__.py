"""Decoder-only transformers as values: their sizes, their weights, and how files of each family are
read into them. Without the modelling code of transformers, whose import takes seconds."""
