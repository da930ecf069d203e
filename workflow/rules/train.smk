# Training: leak-free splits, and one job for every run of every variant.


rule split:
    """Put every labelled face on one side, by one scheme."""
    input:
        index="data/faces.csv",
        labels="data/labels.csv",
    output:
        split="data/splits/{labels}-{scheme}.csv",
    log:
        "logs/split/{labels}-{scheme}.log",
    params:
        section=PROJECT.split_section,
        code=code_of("train split"),
    shell:
        r"""
        mien train split \
            --index {input.index:q} \
            --labels {input.labels:q} \
            --truth {wildcards.labels} \
            --scheme {wildcards.scheme} \
            --split {output.split:q} \
            2>&1 | tee {log:q}
        """


rule train_yolo:
    """Train one run of a YOLO classifier."""
    input:
        unpack(PROJECT.labelled_faces),
        weights=PROJECT.start,
    output:
        model="models/{variant}/{run}/model.pt",
        card="models/{variant}/{run}/model.json",
        history="models/{variant}/{run}/history.csv",
    log:
        "logs/train/{variant}-{run}.log",
    wildcard_constraints:
        variant=PROJECT.family("yolo"),
    threads: shared(workflow, len(PROJECT.runs))
    resources:
        gpu=gpus(),
    params:
        family="yolo",
        section=PROJECT.training_section,
        code=code_of("train yolo"),
    shell:
        r"""
        mien train {params.family} \
            --index {input.index:q} \
            --labels {input.labels:q} \
            --split {input.split:q} \
            --faces data/faces \
            --weights data/weights \
            --run models/{wildcards.variant}/{wildcards.run} \
            --threads {threads} \
            2>&1 | tee {log:q}
        """


use rule train_yolo as train_resnet with:
    output:
        model="models/{variant}/{run}/model.keras",
        card="models/{variant}/{run}/model.json",
        history="models/{variant}/{run}/history.csv",
    wildcard_constraints:
        variant=PROJECT.family("resnet"),
    params:
        family="resnet",
        section=PROJECT.training_section,
        code=code_of("train resnet"),
