"""Training: leak-free splits and the two families of classifiers."""
