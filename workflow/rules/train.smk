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
        section=lambda w: settings(
            *(["train.split"] if w.scheme == "grouped" else []), "labels.expressions"
        ),
        code=code_of("train split"),
    shell:
        "mien train split --truth {wildcards.labels} --scheme {wildcards.scheme} 2>&1 | tee {log:q}"


for family, about in FAMILIES.items():

    rule:
        """Train one run of a classifier of this family."""
        name:
            f"train_{family}"
        input:
            index="data/faces.csv",
            labels="data/labels.csv",
            split=lambda w: split_file(PARAMS, w.variant),
            faces=lambda w: seen_files(PARAMS, w.variant, SOURCES),
            weights=lambda w: weights_files(file_of(PARAMS.variant(w.variant))),
        output:
            model=f"models/{{variant}}/{{run}}/{about.model}",
            card="models/{variant}/{run}/model.json",
            history="models/{variant}/{run}/history.csv",
        log:
            "logs/train/{variant}-{run}.log",
        wildcard_constraints:
            variant=one_of(n for n, v in PARAMS.variants.items() if v.family == family),
        threads: shared(workflow, len(RUNS), about.uses_gpu)
        resources:
            gpu=gpus() if about.uses_gpu else 0,
        params:
            section=lambda w: settings(
                *(f"variants.{w.variant}", "labels.expressions", "faces"),
                *features_seen(PARAMS, w.variant),
                but=["faces.max_phash_distance", "faces.min_sharpness"],
            ),
            code=code_of(f"train fit {module_of(family)}"),
        shell:
            "mien train fit --run models/{wildcards.variant}/{wildcards.run} --threads {threads}"
            " 2>&1 | tee {log:q}"
