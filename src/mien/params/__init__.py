"""The settings in params.yaml: what they are called, what they do, which values they may have.

Only what a variant changes of its family's recipe (its switches, off unless named, and its
`settings`) and the two origins of weights have defaults. Commands read their own section; rules
pass it on as one canonical text.
"""

from mien.params.acquire import AcquireParams, Weights
from mien.params.evaluate import EvaluateParams
from mien.params.faces import TRAITS, DetectorName, FacesParams
from mien.params.features import AnyFeatures, HogFeatures, NetworkFeatures
from mien.params.labels import CountedLabels, LabelsParams
from mien.params.live import LiveParams
from mien.params.report import ReportParams
from mien.params.section import Share
from mien.params.train import SplitParams
from mien.params.variant import (
    NetworkVariant,
    PictureSwitches,
    Scheme,
    Switches,
    Truth,
    Variant,
)
from mien.params.variants import (
    AnyVariant,
    ProbeSettings,
    ProbeVariant,
    ResnetSettings,
    ResnetVariant,
    YoloVariant,
)
from mien.params.whole import Params, extractors_of, file_of, load

__all__ = [
    "TRAITS",
    "AcquireParams",
    "AnyFeatures",
    "AnyVariant",
    "CountedLabels",
    "DetectorName",
    "EvaluateParams",
    "FacesParams",
    "HogFeatures",
    "LabelsParams",
    "LiveParams",
    "NetworkFeatures",
    "NetworkVariant",
    "Params",
    "PictureSwitches",
    "ProbeSettings",
    "ProbeVariant",
    "ReportParams",
    "ResnetSettings",
    "ResnetVariant",
    "Scheme",
    "Share",
    "SplitParams",
    "Switches",
    "Truth",
    "Variant",
    "Weights",
    "YoloVariant",
    "extractors_of",
    "file_of",
    "load",
]
