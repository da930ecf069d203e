"""Wilson's interval of a share.

Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the
American Statistical Association 22, 209-212.
"""

import math


def wilson(share: float, size: float, z: float) -> tuple[float, float]:
    """Return the score interval of a share among `size` faces, `z` standard errors wide."""
    centre = share + z * z / (2 * size)
    half = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    low, high = ((centre + sign * half) / (1 + z * z / size) for sign in (-1, 1))
    return max(min(low, share), 0.0), min(max(high, share), 1.0)
