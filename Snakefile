"""mien's one graph: from sources of pictures to a report of compared classifiers.

Settings are checked here, before any job. Each phase has its rules in workflow/rules, its code in
src/mien and its section in params.yaml, all by the same name.
"""

import sys
from pathlib import Path

# Python would take an edit of equal size and time for the code that it compiled before
sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(workflow.basedir, "workflow", "lib")))

from snapshot import refuse_edited, use_code_beside

use_code_beside(Path(workflow.basedir, "Snakefile"), workflow.is_main_process)

from wiring import Run

RUN = Run(workflow)  # what is edited from here on is noticed
refuse_edited(Path(workflow.basedir, "src"), workflow.is_main_process)

from codehash import code_of, remember
from mien.ids import NAME
from mien.train.families import FAMILIES
from mien.train.trainer import module_of
from project import find_commands, gpus, options, read_project, shared

find_commands()
PROJECT = read_project(config, workflow.is_main_process)


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
RUN.before(commits=PROJECT.params.dvc.commit)


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
        expand("metrics/report/{variant}.html", variant=PROJECT.params.variants),
        "metrics/acquired.csv",
        "metrics/attribution.csv",
        "metrics/attribution.html",
        "metrics/data_statement.md",
        expand("metrics/cards/{variant}.md", variant=PROJECT.params.variants),
        "metrics/agreement.json",
        "metrics/summary.json",
        "metrics/summary.csv",
        "metrics/confusion.csv",
        "metrics/learning.csv",
        "metrics/suspected.csv",
        "metrics/second_look.json",
        "metrics/slices.csv",
        PROJECT.models,


rule acquired:
    """What comes from outside: scenes and pretrained weights."""
    input:
        expand("data/scenes/{source}.parquet", source=PROJECT.ids()),
        "metrics/acquired.csv",
        PROJECT.weights,


rule faces:
    """The faces of all scenes, cropped and indexed."""
    input:
        "data/faces.csv",


rule dataset:
    """Labelled faces, split for every variant."""
    input:
        PROJECT.splits,
