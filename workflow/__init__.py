"""The workflow: rules of Snakemake, and the Python that the Snakefile imports."""
