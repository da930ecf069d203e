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


for family, about in FAMILIES.items():

    rule:
        """Train one run of a classifier of this family."""
        name:
            f"train_{family}"
        input:
            unpack(PROJECT.labelled_faces),
            weights=PROJECT.start,
        output:
            model=f"models/{{variant}}/{{run}}/{about.model}",
            card="models/{variant}/{run}/model.json",
            history="models/{variant}/{run}/history.csv",
        log:
            "logs/train/{variant}-{run}.log",
        wildcard_constraints:
            variant=PROJECT.family(family),
        threads: shared(workflow, len(PROJECT.runs))
        resources:
            gpu=gpus(),
        params:
            section=PROJECT.training_section,
            code=code_of(f"train fit {module_of(family)}"),
        shell:
            r"""
            mien train fit \
                --index {input.index:q} \
                --labels {input.labels:q} \
                --split {input.split:q} \
                --faces data/faces \
                --weights data/weights \
                --run models/{wildcards.variant}/{wildcards.run} \
                --threads {threads} \
                2>&1 | tee {log:q}
            """
