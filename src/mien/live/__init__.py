"""A trained classifier at work on pictures, videos and cameras, with onnxruntime alone."""
