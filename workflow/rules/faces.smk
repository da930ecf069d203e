# Faces: found in scenes, cropped, freed of duplicates, grouped.


rule detect:
    """Find and crop the faces of one source's scenes."""
    input:
        scenes="data/scenes/{source}.parquet",
        weights=PROJECT.detector_weights,
    output:
        faces="data/faces/{source}.parquet",
    log:
        "logs/detect/{source}.log",
    threads: shared(workflow, len(PROJECT.ids()), PROJECT.detects_by_yolo)
    resources:
        gpu=gpus() if PROJECT.detects_by_yolo else 0,
    params:
        weights=options("--weights", PROJECT.detector_weights),
        # these two are not passed on: a change reruns the rule
        section=PROJECT.canonical(
            "faces", but=["faces.max_phash_distance", "faces.min_sharpness"]
        ),
        code=code_of("faces detect"),
    shell:
        r"""
        mien faces detect \
            --scenes {input.scenes:q} \
            --faces {output.faces:q} \
            {params.weights} \
            --threads {threads} \
            2>&1 | tee {log:q}
        """


rule index:
    """List the faces of all sources: duplicates, groups, and who is kept."""
    input:
        sources="data/sources.csv",
        scenes=expand("data/scenes/{source}.parquet", source=PROJECT.ids()),
        faces=expand("data/faces/{source}.parquet", source=PROJECT.ids()),
        withdrawn="data/withdrawn.csv",
    output:
        index="data/faces.csv",
    log:
        "logs/index.log",
    params:
        section=PROJECT.canonical(
            "faces", but=["faces.detector", "faces.weights", "faces.margin"]
        ),
        code=code_of("faces index"),
    shell:
        r"""
        mien faces index \
            --sources {input.sources:q} \
            --scenes data/scenes \
            --faces data/faces \
            --withdrawn {input.withdrawn:q} \
            --index {output.index:q} \
            2>&1 | tee {log:q}
        """
