# Scenes and weights: what comes from outside. Only a source's kind, target and limit, and the
# files in a folder, decide that it is acquired anew; edited code never does.


rule draw:
    """Draw the scenes of one source, and write down the truth about their faces."""
    output:
        scenes="data/scenes/{source}.parquet",
        truth="data/truth/{source}.csv",
        skipped="data/skipped/{source}.csv",
    log:
        "logs/draw/{source}.log",
    wildcard_constraints:
        source=PROJECT.one_of("drawn"),
    params:
        target=lambda wildcards: PROJECT.target(wildcards.source),
        limit=lambda wildcards: PROJECT.limit(wildcards.source),
    shell:
        r"""
        mien acquire draw \
            --target {params.target:q} \
            --limit {params.limit} \
            --source {wildcards.source} \
            --scenes {output.scenes:q} \
            --truth {output.truth:q} \
            --skipped {output.skipped:q} \
            2>&1 | tee {log:q}
        """


rule folder:
    """Take the pictures of one source from a folder."""
    output:
        scenes="data/scenes/{source}.parquet",
        skipped="data/skipped/{source}.csv",
    log:
        "logs/folder/{source}.log",
    wildcard_constraints:
        source=PROJECT.one_of("folder"),
    params:
        target=lambda wildcards: PROJECT.target(wildcards.source),
        limit=lambda wildcards: PROJECT.limit(wildcards.source),
        listing=lambda wildcards: PROJECT.listings[wildcards.source],
        section=PROJECT.canonical("acquire.max_megapixels"),
    shell:
        r"""
        mien acquire folder \
            --target {params.target:q} \
            --limit {params.limit} \
            --source {wildcards.source} \
            --scenes {output.scenes:q} \
            --skipped {output.skipped:q} \
            2>&1 | tee {log:q}
        """


rule weights:
    """Fetch one file of pretrained weights and check its hash."""
    output:
        weights="data/weights/{name}",
    log:
        "logs/weights/{name}.log",
    resources:
        network=1,
    params:
        origin=lambda wildcards: PROJECT.origin(wildcards.name),
    shell:
        r"""
        mien acquire weights \
            --weights {output.weights:q} \
            2>&1 | tee {log:q}
        """
