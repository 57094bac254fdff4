"""The wall: the page of a class that its teacher projects, and the teacher's actions on it."""
