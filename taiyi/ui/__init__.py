"""The page: its tabs, its words, and the functions it offers to other programs."""
