#!/bin/bash
# femna on one node:  sbatch one_node.sh CASE DIR   (docs/guide/clusters.md)
#
# FEMNA_IMAGE   an Apptainer image (femna.sif); unset: the femna and mpirun that are on PATH
# FEMNA_SLURM   the folder of these scripts, if it is not the one that the job is submitted from
#SBATCH --job-name=femna
#SBATCH --nodes=1
#SBATCH --ntasks=8
#SBATCH --cpus-per-task=1
#SBATCH --time=12:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log
set -u

if [ $# -ne 2 ]; then
    echo 'usage: sbatch one_node.sh CASE DIR' >&2
    exit 2
fi
here=${FEMNA_SLURM:-${SLURM_SUBMIT_DIR:-.}}

# MPICH's own launcher, without Slurm's help, which a container does not see: all ranks are on this node
command=(mpirun -launcher fork -n "${SLURM_NTASKS:-1}" femna)
if [ -n "${FEMNA_IMAGE:-}" ]; then
    command=(apptainer exec "$FEMNA_IMAGE" "${command[@]}")
fi
exec "$here/go_on.sh" "$1" "$2" "${command[@]}"
