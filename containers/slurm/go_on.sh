#!/bin/bash
# go_on.sh CASE DIR COMMAND..:  starts the run of CASE in DIR, or goes on with it; within a Slurm job.
#
# COMMAND.. is the launcher with femna at its end, such as: srun --mpi=pmi2 femna. SIGUSR1, which Slurm sends some time
# before the job's end (#SBATCH --signal=B:USR1@120), makes femna write a checkpoint, and the job is queued again until
# the run is finished. SIGTERM is somebody's scancel, or a preemption that queues the job again by itself: femna writes
# a checkpoint, and no more is done here. FEMNA_RUN_OPTIONS: more words for `femna run`, such as --set K=V.
#
# Exit codes: 0 the run has ended, or the job is queued again; 2 bad input, 3 femna cannot go on, or this time brought
# no step: these are never queued again; 143 stopped by SIGTERM, and anything else as femna left it.
set -u

if [ $# -lt 3 ]; then
    echo 'usage: go_on.sh CASE DIR COMMAND..' >&2
    exit 2
fi
case=$1 directory=$2
shift 2
child='' asked=''

newest() { # the newest checkpoint
    find "$directory/checkpoint" -name '[0-9]*.h5' 2>/dev/null | sort | tail -n 1
}

stop() { # SIGTERM to femna, which has until the job's end to answer
    [ -n "$child" ] || return
    case $command in
        srun) scancel --quiet --signal=TERM "$SLURM_JOB_ID" ;; # srun itself would kill its tasks at once
        *) kill -TERM "$child" ;;
    esac
}
command=$1
trap 'asked=again; stop' USR1
trap 'asked=end; [ "$command" = srun ] || kill -TERM "$child" 2>/dev/null' TERM # Slurm tells the tasks of srun itself

before=$(newest)
if [ -n "$before" ]; then
    echo "go_on: resuming $directory from $(basename "$before")"
    "$@" resume "$directory" &
else
    force=()
    if [ -e "$directory/manifest.json" ] && [ -z "$(sed -n 3p "$directory/history.csv" 2>/dev/null)" ]; then
        force=(--force) # stopped before its first checkpoint and step: there is nothing to keep
    fi
    # shellcheck disable=SC2086 # a list of words
    "$@" run "$case" -o "$directory" "${force[@]}" ${FEMNA_RUN_OPTIONS:-} &
fi
child=$!
[ -z "$asked" ] || stop
while :; do # a trap ends `wait`, not the child
    wait "$child"
    code=$?
    kill -0 "$child" 2>/dev/null || break
done

case $code:$asked in
    0:*) echo "go_on: $directory has ended" ;;
    2:*) echo "go_on: bad input; the job is not queued again" >&2 ;;
    3:*) echo "go_on: femna cannot go on; the job is not queued again" >&2 ;;
    130:again | 143:again)
        if [ "$(newest)" = "$before" ]; then
            echo 'go_on: no new checkpoint in all this time; the job is not queued again: give it a longer one' >&2
            exit 3
        fi
        echo "go_on: checkpoint $(basename "$(newest)"); the job is queued again"
        scontrol requeue "$SLURM_JOB_ID" || exit "$code"
        exit 0
        ;;
    *) echo "go_on: femna ended with exit code $code; the job is not queued again" >&2 ;;
esac
exit "$code"
