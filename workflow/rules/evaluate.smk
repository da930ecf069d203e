# Evaluation: predictions, metrics, the comparison of variants, doubted labels.


rule predict:
    """Predict the validation faces of one run; the test part stays unseen."""
    input:
        index="data/faces.csv",
        labels="data/labels.csv",
        split=lambda w: split_file(PARAMS, w.variant),
        faces=lambda w: seen_files(PARAMS, w.variant, SOURCES),
        model=lambda w: model_file(PARAMS, f"{w.variant}/{w.run}"),
        card="models/{variant}/{run}/model.json",
    output:
        predictions="metrics/runs/{variant}/{run}/predictions.csv",
    log:
        "logs/predict/{variant}-{run}.log",
    threads: shared(workflow, len(RUNS))
    resources:
        gpu=lambda w: gpus() if family_of(PARAMS, w.variant).uses_gpu else 0,
    params:
        section=lambda w: settings(f"variants.{w.variant}", "labels.expressions"),
        code=code_of(" ".join(["evaluate predict", *map(module_of, FAMILIES)])),
    shell:
        "mien evaluate predict --run models/{wildcards.variant}/{wildcards.run} --threads {threads}"
        " 2>&1 | tee {log:q}"


rule measure:
    """Measure one run's predictions, with intervals over groups."""
    input:
        predictions="metrics/runs/{variant}/{run}/predictions.csv",
        split=lambda w: split_file(PARAMS, w.variant),
    output:
        metrics="metrics/runs/{variant}/{run}/metrics.json",
    log:
        "logs/measure/{variant}-{run}.log",
    params:
        section=settings("evaluate.confidence", "evaluate.answered_accuracy"),
        code=code_of("evaluate measure"),
    shell:
        "mien evaluate measure --run models/{wildcards.variant}/{wildcards.run} 2>&1 | tee {log:q}"


rule compare:
    """Compare the variants, each with an interval and every two on the same faces."""
    input:
        predictions=expand("metrics/runs/{run}/predictions.csv", run=RUNS),
        splits=SPLITS,
    output:
        json="metrics/summary.json",
        csv="metrics/summary.csv",
    log:
        "logs/compare.log",
    params:
        section=settings(
            *("evaluate.bootstrap_samples", "evaluate.confidence", "evaluate.seed"),
            "variants",
        ),
        code=code_of("evaluate compare"),
    shell:
        "mien evaluate compare --summary-json {output.json:q} --summary-csv {output.csv:q}"
        " 2>&1 | tee {log:q}"


rule suspects:
    """List the faces whose label the models doubt, the most doubtful first."""
    input:
        labels="data/labels.csv",
        predictions=expand("metrics/runs/{run}/predictions.csv", run=RUNS),
    output:
        suspected="metrics/suspected.csv",
    log:
        "logs/suspects.log",
    params:
        section=settings("labels.expressions", "variants"),
        code=code_of("evaluate suspects"),
    shell:
        "mien evaluate suspects --suspected {output.suspected:q} 2>&1 | tee {log:q}"


rule second_look:
    """Count what second looks at doubted labels have changed."""
    input:
        looks=PROJECT.second_looks,
        labels="data/labels.csv",
        ballots=PROJECT.ballots,
    output:
        second_look="metrics/second_look.json",
    log:
        "logs/second_look.log",
    params:
        section=settings("labels.expressions"),
        code=code_of("evaluate second-look"),
    shell:
        "mien evaluate second-look {input.ballots:q} --second-look {output.second_look:q}"
        " 2>&1 | tee {log:q}"


rule plots:
    """Put the confusion matrices and learning curves of all runs together, for `dvc plots`."""
    input:
        predictions=expand("metrics/runs/{run}/predictions.csv", run=RUNS),
        histories=expand("models/{run}/history.csv", run=RUNS),
    output:
        confusion="metrics/confusion.csv",
        learning="metrics/learning.csv",
    log:
        "logs/plots.log",
    params:
        runs=" ".join(RUNS),
        code=code_of("evaluate plots"),
    shell:
        "mien evaluate plots --confusion {output.confusion:q} --learning {output.learning:q}"
        " 2>&1 | tee {log:q}"


rule slices:
    """Tell where each variant errs: on small faces, on blurred ones, on those of a source."""
    input:
        predictions=expand("metrics/runs/{run}/predictions.csv", run=RUNS),
        index="data/faces.csv",
        labels="data/labels.csv",
        faces=expand("data/faces/{source}.parquet", source=SOURCES),
    output:
        slices="metrics/slices.csv",
    log:
        "logs/slices.log",
    params:
        section=settings("labels.expressions", "evaluate.confidence"),
        code=code_of("evaluate slices"),
    shell:
        "mien evaluate slices --slices {output.slices:q} 2>&1 | tee {log:q}"
