"""mien: a labelled data set of faces, and the expression classifiers trained on it."""

__version__ = "0.1.0"
