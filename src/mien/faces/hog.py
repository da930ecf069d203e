"""Histograms of oriented gradients as an ONNX graph, which extraction and exported models share.

After Dalal and Triggs 2005, "Histograms of oriented gradients for human detection" (CVPR): cells of
8 pixels, blocks of 2 by 2 cells, clipped at 0.2. Here each gradient is shared out smoothly among
the nine directions, so that a small change of the picture is a small change of the features.
"""

import numpy as np
import onnx
from onnx import numpy_helper, parser

CELL_PX, DIRECTIONS = 8, 9
BRIGHTNESS = (0.299, 0.587, 0.114)  # of red, green and blue, as in Rec. 601

GRAPH = """
<ir_version: 8, opset_import: ["" : 17]>
hog (uint8[n, {side}, {side}, 3] pictures) => (float[n, {length}] features)
<
  float tiny = {{1e-3}}, float clip = {{0.2}}, float none = {{0}}, float sharp = {{4}},
  int64[8] border = {{0, 0, 1, 1, 0, 0, 1, 1}},
  int64[2] rows_columns = {{2, 3}}, int64[2] first = {{0, 0}}, int64[2] second = {{1, 1}},
  int64[2] first_second = {{0, 1}}, int64[2] second_first = {{1, 0}},
  int64[2] last = {{{cells}, {cells}}}, int64[2] before = {{{blocks}, {blocks}}},
  int64[2] before_last = {{{blocks}, {cells}}}, int64[2] last_before = {{{cells}, {blocks}}}
>
{{
  levels = Cast<to = 1>(pictures)
  grey = MatMul(levels, brightness)
  plane = Transpose<perm = [0, 3, 1, 2]>(grey)
  padded = Pad<mode = "edge">(plane, border)
  across = Conv(padded, to_the_right)
  down = Conv(padded, downwards)
  across_2 = Mul(across, across)
  down_2 = Mul(down, down)
  sum = Add(across_2, down_2)
  squared = Add(sum, tiny)
  length = Sqrt(squared)
  difference = Sub(across_2, down_2)
  cosine = Div(difference, squared)
  product = Mul(across, down)
  twice = Add(product, product)
  sine = Div(twice, squared)
  doubled = Concat<axis = 1>(cosine, sine)
  likeness = Conv(doubled, directions)
  near = Max(likeness, none)
  share = Pow(near, sharp)
  weighed = Mul(share, length)
  cells = AveragePool<kernel_shape = [8, 8], strides = [8, 8]>(weighed)
  a = Slice(cells, first, before, rows_columns)
  b = Slice(cells, first_second, before_last, rows_columns)
  c = Slice(cells, second_first, last_before, rows_columns)
  d = Slice(cells, second, last, rows_columns)
  blocks = Concat<axis = 1>(a, b, c, d)
  norm = ReduceL2<axes = [1], keepdims = 1>(blocks)
  above = Max(norm, tiny)
  unit = Div(blocks, above)
  clipped = Min(unit, clip)
  norm_again = ReduceL2<axes = [1], keepdims = 1>(clipped)
  above_again = Max(norm_again, tiny)
  unit_again = Div(clipped, above_again)
  features = Flatten<axis = 1>(unit_again)
}}
"""


def hog_graph(side_px: int) -> onnx.ModelProto:
    """Return the graph: pictures (n, side, side, RGB) of bytes in, features (n, length) out."""
    cells = side_px // CELL_PX
    text = GRAPH.format(
        side=side_px, length=4 * DIRECTIONS * (cells - 1) ** 2, cells=cells, blocks=cells - 1
    )
    model = parser.parse_model(text)
    right = np.zeros((1, 1, 3, 3), np.float32)
    right[0, 0, 1] = -1, 0, 1
    angles = 2 * np.pi * np.arange(DIRECTIONS) / DIRECTIONS  # doubled: opposite ones are the same
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)[:, :, None, None]
    for name, value in (
        ("brightness", np.array(BRIGHTNESS)[:, None]),
        ("to_the_right", right),
        ("downwards", right.transpose(0, 1, 3, 2)),
        ("directions", directions),
    ):
        constant = np.ascontiguousarray(value, np.float32)
        model.graph.initializer.append(numpy_helper.from_array(constant, name))
    return model
