"""The branches of a student's story: the panel on the wheel page, the tree, and the comparison."""
