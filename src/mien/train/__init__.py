"""Training: leak-free splits and the families of classifiers."""
