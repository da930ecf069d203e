# The report: pages, cards, the data statement and attribution.


rule page:
    """Draw the overview: how the variants compare, the faces, and what every step left out."""
    input:
        sources="data/sources.csv",
        scenes=expand("data/scenes/{source}.parquet", source=SOURCES),
        skipped=expand("data/skipped/{source}.csv", source=SOURCES),
        withdrawn="data/withdrawn.csv",
        index="data/faces.csv",
        faces=expand("data/faces/{source}.parquet", source=SOURCES),
        labels="data/labels.csv",
        counts="metrics/ballots.json",
        agreement="metrics/agreement.json",
        splits=SPLITS,
        metrics=expand("metrics/runs/{run}/metrics.json", run=RUNS),
        slices="metrics/slices.csv",
        suspected="metrics/suspected.csv",
        second_look="metrics/second_look.json",
        summary="metrics/summary.json",
    output:
        page="metrics/report.html",
    log:
        "logs/page.log",
    params:
        runs=" ".join(sorted(RUNS, key=lambda run: run.partition("/")[0])),
        origins=origins(PARAMS, *PARAMS.variants),
        section=settings(
            *("faces", "labels", "train", "evaluate", "report", "variants"),
            but=["labels.vote", "labels.simulated"]
            + ["report.worst_errors", "report.faces_per_cell"],
        ),
        code=code_of("report page"),
    shell:
        "mien report page --page {output.page:q} 2>&1 | tee {log:q}"


rule variant_page:
    """Draw the page of one variant; it changes with that variant, and with its like of another size."""
    input:
        histories=expand("models/{run}/history.csv", run=own_runs),
        predictions=expand("metrics/runs/{run}/predictions.csv", run=own_runs),
        metrics=expand("metrics/runs/{run}/metrics.json", run=own_runs),
        others=expand(
            "metrics/runs/{run}/predictions.csv",
            run=lambda w: runs_of(PARAMS, *PARAMS.other_sizes(w.variant)),
        ),
        index="data/faces.csv",
        labels="data/labels.csv",
        faces=expand("data/faces/{source}.parquet", source=SOURCES),
        scenes=expand("data/scenes/{source}.parquet", source=SOURCES),
        split=lambda w: split_file(PARAMS, w.variant),
    output:
        page="metrics/report/{variant}.html",
    log:
        "logs/variant_page/{variant}.log",
    params:
        runs=lambda w: " ".join(own_runs(w)),
        origins=lambda w: origins(PARAMS, w.variant),
        section=lambda w: settings(
            *("evaluate", "report", "labels.expressions", "faces.margin"),
            f"variants.{w.variant}",
            *(f"variants.{name}" for name in PARAMS.other_sizes(w.variant)),
            but=["report.scenes_per_source"],
        ),
        code=code_of("report variant-page"),
    shell:
        "mien report variant-page --variant {wildcards.variant} --page {output.page:q}"
        " 2>&1 | tee {log:q}"


rule attribution:
    """Name the author and the licence of every image and every crop."""
    input:
        sources="data/sources.csv",
        scenes=expand("data/scenes/{source}.parquet", source=SOURCES),
        withdrawn="data/withdrawn.csv",
        index="data/faces.csv",
    output:
        csv="metrics/attribution.csv",
        html="metrics/attribution.html",
    log:
        "logs/attribution.log",
    params:
        code=code_of("report attribution"),
    shell:
        "mien report attribution --csv {output.csv:q} --html {output.html:q} 2>&1 | tee {log:q}"


rule card:
    """Describe the model of one variant: its use, results and limits."""
    input:
        split=lambda w: split_file(PARAMS, w.variant),
        models=lambda w: [model_file(PARAMS, run) for run in own_runs(w)],
        cards=expand("models/{run}/model.json", run=own_runs),
        metrics=expand("metrics/runs/{run}/metrics.json", run=own_runs),
        sources="data/sources.csv",
        index="data/faces.csv",
        labels="data/labels.csv",
        attribution="metrics/attribution.csv",
        summary="metrics/summary.json",
        slices="metrics/slices.csv",
        openings=PROJECT.openings,
    output:
        card="metrics/cards/{variant}.md",
    log:
        "logs/card/{variant}.log",
    params:
        runs=lambda w: " ".join(own_runs(w)),
        origins=lambda w: origins(PARAMS, w.variant),
        section=lambda w: settings(
            f"variants.{w.variant}",
            *("evaluate.confidence", "evaluate.answered_accuracy"),
            *("faces.detector", "labels.expressions"),
        ),
        code=code_of("report card"),
    shell:
        "mien report card --variant {wildcards.variant} --card {output.card:q} 2>&1 | tee {log:q}"


rule statement:
    """Describe the faces: where they are from, how they were labelled, what is missing."""
    input:
        sources="data/sources.csv",
        acquired="metrics/acquired.csv",
        attribution="metrics/attribution.csv",
        index="data/faces.csv",
        labels="data/labels.csv",
        counts="metrics/ballots.json",
        agreement="metrics/agreement.json",
        splits=SPLITS,
    output:
        statement="metrics/data_statement.md",
    log:
        "logs/statement.log",
    params:
        section=settings(
            *("faces.detector", "faces.min_confidence", "faces.min_size_px"),
            *("faces.margin", "faces.max_phash_distance", "labels.expressions"),
            *("labels.voters", "labels.quorum", "labels.rule", "labels.too_few"),
        ),
        code=code_of("report statement"),
    shell:
        "mien report statement --statement {output.statement:q} 2>&1 | tee {log:q}"
