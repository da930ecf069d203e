# Labels: what the voters say each face shows.


rule simulate:
    """Let simulated voters vote on drawn faces, whose truth is known."""
    input:
        index="data/faces.csv",
        truth=PROJECT.truths,
    output:
        ballots=PROJECT.simulated,
    log:
        "logs/simulate.log",
    params:
        voters=len(PROJECT.simulated),
        section=settings("labels.expressions", "labels.simulated", "labels.unvoted"),
        code=code_of("labels simulate"),
    shell:
        "mien labels simulate {input.truth:q} --voters {params.voters} 2>&1 | tee {log:q}"


rule consensus:
    """Add up the ballots to a label for every face."""
    input:
        index="data/faces.csv",
        ballots=PROJECT.ballots,
    output:
        labels="data/labels.csv",
        counts="metrics/ballots.json",
    log:
        "logs/consensus.log",
    params:
        section=settings("labels", but=["labels.vote", "labels.simulated"]),
        code=code_of("labels consensus"),
    shell:
        "mien labels consensus {input.ballots:q} --labels {output.labels:q}"
        " --counts {output.counts:q} 2>&1 | tee {log:q}"


rule agreement:
    """Measure how far the voters agree."""
    input:
        index="data/faces.csv",
        labels="data/labels.csv",
        ballots=PROJECT.ballots,
    output:
        agreement="metrics/agreement.json",
    log:
        "logs/agreement.log",
    params:
        section=settings("labels.expressions"),
        code=code_of("labels agreement"),
    shell:
        "mien labels agreement {input.ballots:q} --agreement {output.agreement:q} 2>&1 | tee {log:q}"
