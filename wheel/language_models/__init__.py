"""Language models on this machine: registry, files, downloads, loading and tokenizers."""
