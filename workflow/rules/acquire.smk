# Scenes and weights: what comes from outside. Only a source's kind, target and limit, and the
# files in a folder, decide that it is acquired anew; edited code never does, nor does a withdrawal:
# data/withdrawn.csv is read and is no input.


rule draw:
    """Draw the scenes of one source, and write down the truth about their faces."""
    output:
        scenes="data/scenes/{source}.parquet",
        truth="data/truth/{source}.csv",
        skipped="data/skipped/{source}.csv",
    log:
        "logs/draw/{source}.log",
    wildcard_constraints:
        source=one_of(ids(SOURCES, "drawn")),
    params:
        target=lambda w: SOURCES[w.source].target,
        limit=lambda w: SOURCES[w.source].limit,
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
        source=one_of(ids(SOURCES, "folder")),
    params:
        target=lambda w: SOURCES[w.source].target,
        limit=lambda w: SOURCES[w.source].limit,
        listing=lambda w: SOURCES[w.source].listing,
        section=settings("acquire.max_megapixels"),
    shell:
        r"""
        mien acquire folder \
            --target {params.target:q} \
            --limit {params.limit} \
            --source {wildcards.source} \
            --scenes {output.scenes:q} \
            --skipped {output.skipped:q} \
            --withdrawn data/withdrawn.csv \
            2>&1 | tee {log:q}
        """


rule flickr:
    """Search Flickr for one source's words, and fetch the photos found."""
    output:
        scenes="data/scenes/{source}.parquet",
        skipped="data/skipped/{source}.csv",
    log:
        "logs/flickr/{source}.log",
    wildcard_constraints:
        source=one_of(ids(SOURCES, "flickr")),
    resources:
        network=lambda w: asks_network(SOURCES[w.source], PARAMS.acquire),
        flickr=1,
    params:
        target=lambda w: SOURCES[w.source].target,
        limit=lambda w: SOURCES[w.source].limit,
        section=settings(
            "acquire.max_megapixels", "acquire.licences", "acquire.photo_size_px"
        ),
    shell:
        r"""
        mien acquire flickr \
            --target {params.target:q} \
            --limit {params.limit} \
            --source {wildcards.source} \
            --downloads data/downloads/{wildcards.source} \
            --withdrawn data/withdrawn.csv \
            --scenes {output.scenes:q} \
            --skipped {output.skipped:q} \
            2>&1 | tee {log:q}
        """


rule video:
    """Fetch one source's videos, and take a frame of them at even times."""
    output:
        scenes="data/scenes/{source}.parquet",
        skipped="data/skipped/{source}.csv",
    log:
        "logs/video/{source}.log",
    wildcard_constraints:
        source=one_of(ids(SOURCES, "video")),
    resources:
        network=lambda w: asks_network(SOURCES[w.source], PARAMS.acquire),
        video=lambda w: asks_network(SOURCES[w.source], PARAMS.acquire),
    params:
        target=lambda w: SOURCES[w.source].target,
        limit=lambda w: SOURCES[w.source].limit,
        listing=lambda w: SOURCES[w.source].listing,
        section=settings("acquire.every_s", "acquire.min_change", "acquire.height_px"),
    shell:
        r"""
        mien acquire video \
            --target {params.target:q} \
            --limit {params.limit} \
            --source {wildcards.source} \
            --downloads data/downloads/{wildcards.source} \
            --videos data/videos/{wildcards.source} \
            --withdrawn data/withdrawn.csv \
            --scenes {output.scenes:q} \
            --skipped {output.skipped:q} \
            2>&1 | tee {log:q}
        """


rule tally:
    """Count what each source gave, and what it did not."""
    input:
        sources="data/sources.csv",
        scenes=expand("data/scenes/{source}.parquet", source=SOURCES),
        skipped=expand("data/skipped/{source}.csv", source=SOURCES),
    output:
        acquired="metrics/acquired.csv",
    log:
        "logs/tally.log",
    params:
        code=code_of("acquire tally"),
    shell:
        "mien acquire tally --acquired {output.acquired:q} 2>&1 | tee {log:q}"


rule weights:
    """Fetch one file of pretrained weights and check its hash."""
    output:
        weights="data/weights/{name}",
    log:
        "logs/weights/{name}.log",
    resources:
        network=1,
    params:
        origin=lambda w: origin_of(PARAMS, w.name),
    shell:
        r"""
        mien acquire weights \
            --weights {output.weights:q} \
            2>&1 | tee {log:q}
        """
