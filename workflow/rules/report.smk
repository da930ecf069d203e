# The report: predictions, metrics, the comparison of variants, and the pages that show them.


rule predict:
    """Predict the validation faces of one run; the test part stays unseen."""
    input:
        unpack(PROJECT.labelled_faces),
        model=PROJECT.model,
        card="models/{variant}/{run}/model.json",
    output:
        predictions="metrics/runs/{variant}/{run}/predictions.csv",
    log:
        "logs/predict/{variant}-{run}.log",
    threads: shared(workflow, len(PROJECT.runs))
    resources:
        gpu=gpus(),
    params:
        section=PROJECT.predicting_section,
        code=code_of("report predict"),
    shell:
        r"""
        mien report predict \
            --index {input.index:q} \
            --labels {input.labels:q} \
            --split {input.split:q} \
            --faces data/faces \
            --run models/{wildcards.variant}/{wildcards.run} \
            --predictions {output.predictions:q} \
            --threads {threads} \
            2>&1 | tee {log:q}
        """


rule measure:
    """Measure one run's predictions, with intervals over groups."""
    input:
        predictions="metrics/runs/{variant}/{run}/predictions.csv",
        split=lambda wildcards: PROJECT.split(wildcards.variant),
    output:
        metrics="metrics/runs/{variant}/{run}/metrics.json",
    log:
        "logs/measure/{variant}-{run}.log",
    params:
        section=PROJECT.canonical("report.confidence", "report.answered_accuracy"),
        code=code_of("report measure"),
    shell:
        r"""
        mien report measure \
            --predictions {input.predictions:q} \
            --split {input.split:q} \
            --metrics {output.metrics:q} \
            2>&1 | tee {log:q}
        """


rule compare:
    """Compare the variants, each with an interval and every two on the same faces."""
    input:
        predictions=expand("metrics/runs/{run}/predictions.csv", run=PROJECT.runs),
        splits=PROJECT.splits,
    output:
        json="metrics/summary.json",
        csv="metrics/summary.csv",
    log:
        "logs/compare.log",
    params:
        section=PROJECT.canonical(
            "report.bootstrap_samples", "report.confidence", "report.seed", "variants"
        ),
        code=code_of("report compare"),
    shell:
        r"""
        mien report compare \
            --runs metrics/runs \
            --splits data/splits \
            --summary-json {output.json:q} \
            --summary-csv {output.csv:q} \
            2>&1 | tee {log:q}
        """


rule suspects:
    """List the faces whose label the models doubt, the most doubtful first."""
    input:
        labels="data/labels.csv",
        predictions=expand("metrics/runs/{run}/predictions.csv", run=PROJECT.runs),
    output:
        suspected="metrics/suspected.csv",
    log:
        "logs/suspects.log",
    params:
        section=PROJECT.canonical("labels.expressions", "variants"),
        code=code_of("report suspects"),
    shell:
        r"""
        mien report suspects \
            --runs metrics/runs \
            --labels {input.labels:q} \
            --suspected {output.suspected:q} \
            2>&1 | tee {log:q}
        """


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
        ballots=options("--ballots", PROJECT.ballots),
        section=PROJECT.canonical("labels.expressions"),
        code=code_of("report second-look"),
    shell:
        r"""
        mien report second-look \
            --looks data/second_look.csv \
            --labels {input.labels:q} \
            {params.ballots} \
            --second-look {output.second_look:q} \
            2>&1 | tee {log:q}
        """


rule plots:
    """Put the confusion matrices and learning curves of all runs together, for `dvc plots`."""
    input:
        predictions=expand("metrics/runs/{run}/predictions.csv", run=PROJECT.runs),
        histories=expand("models/{run}/history.csv", run=PROJECT.runs),
    output:
        confusion="metrics/confusion.csv",
        learning="metrics/learning.csv",
    log:
        "logs/plots.log",
    params:
        runs=PROJECT.order,
        code=code_of("report plots"),
    shell:
        r"""
        mien report plots \
            --runs metrics/runs \
            --models models \
            --confusion {output.confusion:q} \
            --learning {output.learning:q} \
            2>&1 | tee {log:q}
        """


rule slices:
    """Tell where each variant errs: on small faces, on blurred ones, on those of a source."""
    input:
        predictions=expand("metrics/runs/{run}/predictions.csv", run=PROJECT.runs),
        index="data/faces.csv",
        labels="data/labels.csv",
        faces=expand("data/faces/{source}.parquet", source=PROJECT.ids()),
    output:
        slices="metrics/slices.csv",
    log:
        "logs/slices.log",
    params:
        section=PROJECT.canonical("labels.expressions", "report.confidence"),
        code=code_of("report slices"),
    shell:
        r"""
        mien report slices \
            --runs metrics/runs \
            --index {input.index:q} \
            --labels {input.labels:q} \
            --faces data/faces \
            --slices {output.slices:q} \
            2>&1 | tee {log:q}
        """


rule page:
    """Draw the overview: how the variants compare, the faces, and what every step left out."""
    input:
        sources="data/sources.csv",
        scenes=expand("data/scenes/{source}.parquet", source=PROJECT.ids()),
        skipped=expand("data/skipped/{source}.csv", source=PROJECT.ids()),
        withdrawn="data/withdrawn.csv",
        index="data/faces.csv",
        faces=expand("data/faces/{source}.parquet", source=PROJECT.ids()),
        labels="data/labels.csv",
        counts="metrics/ballots.json",
        agreement="metrics/agreement.json",
        splits=PROJECT.splits,
        metrics=expand("metrics/runs/{run}/metrics.json", run=PROJECT.runs),
        slices="metrics/slices.csv",
        suspected="metrics/suspected.csv",
        second_look="metrics/second_look.json",
        summary="metrics/summary.json",
    output:
        page="metrics/report.html",
    log:
        "logs/page.log",
    params:
        runs=PROJECT.order_of_seeds,
        origins=PROJECT.origins,
        section=PROJECT.canonical(
            *("faces", "labels", "train", "report", "variants"),
            but=[
                *("labels.vote", "labels.simulated"),
                *("report.worst_errors", "report.faces_per_cell"),
            ],
        ),
        code=code_of("report page"),
    shell:
        r"""
        mien report page \
            --sources {input.sources:q} \
            --scenes data/scenes \
            --skipped data/skipped \
            --withdrawn {input.withdrawn:q} \
            --index {input.index:q} \
            --faces data/faces \
            --labels {input.labels:q} \
            --counts {input.counts:q} \
            --agreement {input.agreement:q} \
            --splits data/splits \
            --runs metrics/runs \
            --slices {input.slices:q} \
            --suspected {input.suspected:q} \
            --second-look {input.second_look:q} \
            --summary {input.summary:q} \
            --page {output.page:q} \
            2>&1 | tee {log:q}
        """


rule variant_page:
    """Draw the page of one variant; it changes with that variant, and with its like of another size."""
    input:
        unpack(PROJECT.variant_runs),
        index="data/faces.csv",
        labels="data/labels.csv",
        faces=expand("data/faces/{source}.parquet", source=PROJECT.ids()),
        scenes=expand("data/scenes/{source}.parquet", source=PROJECT.ids()),
        split=lambda wildcards: PROJECT.split(wildcards.variant),
    output:
        page="metrics/report/{variant}.html",
    log:
        "logs/variant_page/{variant}.log",
    params:
        runs=PROJECT.order_of,
        origin=PROJECT.origin_of,
        section=PROJECT.variant_section,
        code=code_of("report variant-page"),
    shell:
        r"""
        mien report variant-page \
            --variant {wildcards.variant} \
            --index {input.index:q} \
            --labels {input.labels:q} \
            --faces data/faces \
            --scenes data/scenes \
            --split {input.split:q} \
            --models models \
            --runs metrics/runs \
            --page {output.page:q} \
            2>&1 | tee {log:q}
        """


rule attribution:
    """Name the author and the licence of every image and every crop."""
    input:
        sources="data/sources.csv",
        scenes=expand("data/scenes/{source}.parquet", source=PROJECT.ids()),
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
        r"""
        mien report attribution \
            --sources {input.sources:q} \
            --scenes data/scenes \
            --withdrawn {input.withdrawn:q} \
            --index {input.index:q} \
            --csv {output.csv:q} \
            --html {output.html:q} \
            2>&1 | tee {log:q}
        """


rule card:
    """Describe the model of one variant: its use, results and limits."""
    input:
        unpack(PROJECT.described),
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
        runs=PROJECT.order_of,
        origin=PROJECT.origin_of,
        section=PROJECT.described_settings,
        code=code_of("report card"),
    shell:
        r"""
        mien report card \
            --variant {wildcards.variant} \
            --sources {input.sources:q} \
            --index {input.index:q} \
            --labels {input.labels:q} \
            --split {input.split:q} \
            --attribution {input.attribution:q} \
            --models models/{wildcards.variant} \
            --runs metrics/runs/{wildcards.variant} \
            --summary {input.summary:q} \
            --slices {input.slices:q} \
            --openings data/test_openings.csv \
            --card {output.card:q} \
            2>&1 | tee {log:q}
        """


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
        splits=PROJECT.splits,
    output:
        statement="metrics/data_statement.md",
    log:
        "logs/statement.log",
    params:
        section=PROJECT.canonical(
            "faces.detector",
            "faces.min_confidence",
            "faces.min_size_px",
            "faces.margin",
            "faces.max_phash_distance",
            "labels.expressions",
            "labels.voters",
            "labels.quorum",
            "labels.rule",
            "labels.too_few",
        ),
        code=code_of("report statement"),
    shell:
        r"""
        mien report statement \
            --sources {input.sources:q} \
            --acquired {input.acquired:q} \
            --attribution {input.attribution:q} \
            --index {input.index:q} \
            --labels {input.labels:q} \
            --counts {input.counts:q} \
            --agreement {input.agreement:q} \
            --splits data/splits \
            --statement {output.statement:q} \
            2>&1 | tee {log:q}
        """
