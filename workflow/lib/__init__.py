"""What the Snakefile imports; snapshot.py comes first, since it decides which mien the rest has."""
