"""mien's one graph: from sources of pictures to a report of compared classifiers.

Settings are checked here, before any job. Each phase has its rules in workflow/rules, its code in
src/mien and its section in params.yaml, all by the same name.
"""

import sys
from functools import partial
from pathlib import Path

# Python would take an edit of equal size and time for the code that it compiled before
sys.dont_write_bytecode = True

# Snakemake has put the folder of this file on sys.path, first
from workflow.lib.snapshot import refuse_edited, use_code_beside

use_code_beside(Path(workflow.basedir, "Snakefile"), workflow.is_main_process)

from workflow.lib.wiring import Run

RUN = Run(workflow)  # what is edited from here on is noticed
refuse_edited(Path(workflow.basedir, "src"), workflow.is_main_process)

from mien.ids import NAME
from mien.params import file_of
from mien.train.families import FAMILIES
from mien.train.trainer import module_of
from workflow.lib.codehash import code_of, remember
from workflow.lib.machine import find_commands, gpus, shared
from workflow.lib.project import read_project
from workflow.lib.sources import asks_network, ids
from workflow.lib.texts import canonical, one_of
from workflow.lib.variants import (
    family_of,
    features_files,
    features_seen,
    model_file,
    origin_of,
    origins,
    runs_of,
    seen_files,
    split_file,
    splits,
    weights_files,
)

find_commands()
PROJECT = read_project(config, workflow.is_main_process)
PARAMS, SOURCES = PROJECT.params, PROJECT.sources
RUNS = runs_of(PARAMS, *PARAMS.variants)
SPLITS = splits(PARAMS)
settings = partial(canonical, PARAMS)
own_runs = lambda w: runs_of(PARAMS, w.variant)


wildcard_constraints:
    source=NAME,
    variant=NAME,
    run=r"seed-\d+(-fold-\d+)?",
    labels="initial|consensus",


localrules:
    acquired,
    faces,
    dataset,
    all,


include: "workflow/rules/acquire.smk"
include: "workflow/rules/faces.smk"
include: "workflow/rules/labels.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/report.smk"


remember()
RUN.before(commits=PARAMS.dvc.commit)


onstart:
    RUN.before_jobs()


onsuccess:
    RUN.after(succeeded=True)


onerror:
    RUN.after(succeeded=False)


rule all:
    """Everything: the variants trained, compared and reported."""
    default_target: True
    input:
        "metrics/report.html",
        expand("metrics/report/{variant}.html", variant=PARAMS.variants),
        "metrics/acquired.csv",
        "metrics/attribution.csv",
        "metrics/attribution.html",
        "metrics/data_statement.md",
        expand("metrics/cards/{variant}.md", variant=PARAMS.variants),
        "metrics/agreement.json",
        "metrics/summary.json",
        "metrics/summary.csv",
        "metrics/confusion.csv",
        "metrics/learning.csv",
        "metrics/suspected.csv",
        "metrics/second_look.json",
        "metrics/slices.csv",
        [model_file(PARAMS, run) for run in RUNS],


rule acquired:
    """What comes from outside: scenes and pretrained weights."""
    input:
        expand("data/scenes/{source}.parquet", source=SOURCES),
        "metrics/acquired.csv",
        weights_files(*PARAMS.pretrained),


rule faces:
    """The faces of all scenes, cropped and indexed, and their features."""
    input:
        "data/faces.csv",
        features_files(PARAMS.extractors, SOURCES),


rule dataset:
    """Labelled faces, split for every variant."""
    input:
        SPLITS,
