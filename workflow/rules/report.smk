# The report: pages, cards, the data statement and attribution.


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
            *("faces", "labels", "train", "evaluate", "report", "variants"),
            but=[
                *("labels.vote", "labels.simulated"),
                *("report.worst_errors", "report.faces_per_cell"),
            ],
        ),
        code=code_of("report page"),
    shell:
        r"""
        mien report page --page {output.page:q} \
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
        mien report variant-page --variant {wildcards.variant} --page {output.page:q} \
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
        mien report attribution --csv {output.csv:q} --html {output.html:q} \
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
        mien report card --variant {wildcards.variant} --card {output.card:q} \
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
        mien report statement --statement {output.statement:q} \
            2>&1 | tee {log:q}
        """
