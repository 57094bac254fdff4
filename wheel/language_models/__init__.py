"""Language models on this machine: which are offered, where the files are, how they load."""
