"""The lessons: a course of experiments on the wheel, each with a page of its own."""
