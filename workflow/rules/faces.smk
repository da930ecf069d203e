# Faces: found in scenes, cropped, freed of duplicates, grouped, and turned into features.


DETECTOR = weights_files(PARAMS.faces.weights)
ON_GPU = PARAMS.faces.traits.uses_gpu


rule detect:
    """Find and crop the faces of one source's scenes."""
    input:
        scenes="data/scenes/{source}.parquet",
        weights=DETECTOR,
    output:
        faces="data/faces/{source}.parquet",
    log:
        "logs/detect/{source}.log",
    threads: shared(workflow, len(SOURCES), ON_GPU)
    resources:
        gpu=gpus() if ON_GPU else 0,
    params:
        section=settings(
            "faces", but=["faces.max_phash_distance", "faces.min_sharpness"]
        ),
        code=code_of("faces detect"),
    shell:
        "mien faces detect --source {wildcards.source} --threads {threads} 2>&1 | tee {log:q}"


rule features:
    """Compute the features of one source's faces by one extractor."""
    input:
        faces="data/faces/{source}.parquet",
        weights=lambda w: weights_files(PARAMS.features[w.extractor].weights),
    output:
        features="data/features/{extractor}/{source}.parquet",
    log:
        "logs/features/{extractor}-{source}.log",
    wildcard_constraints:
        extractor=one_of(PARAMS.extractors),
    threads: shared(workflow, len(SOURCES), uses_gpu=False)
    params:
        section=lambda w: settings(f"features.{w.extractor}", "faces.margin"),
        code=code_of("faces features"),
    shell:
        "mien faces features --extractor {wildcards.extractor} --source {wildcards.source}"
        " --threads {threads} 2>&1 | tee {log:q}"


rule index:
    """List the faces of all sources: duplicates, groups, and who is kept."""
    input:
        sources="data/sources.csv",
        scenes=expand("data/scenes/{source}.parquet", source=SOURCES),
        faces=expand("data/faces/{source}.parquet", source=SOURCES),
        withdrawn="data/withdrawn.csv",
    output:
        index="data/faces.csv",
    log:
        "logs/index.log",
    params:
        section=settings(
            "faces", but=["faces.detector", "faces.weights", "faces.margin"]
        ),
        code=code_of("faces index"),
    shell:
        "mien faces index --index {output.index:q} 2>&1 | tee {log:q}"
