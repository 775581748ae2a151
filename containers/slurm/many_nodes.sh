#!/bin/bash
# femna on several nodes:  sbatch --nodes=4 many_nodes.sh CASE DIR   (docs/guide/clusters.md)
#
# FEMNA_IMAGE   an Apptainer image (femna.sif); unset: the femna that is on PATH, on every node
# FEMNA_MPI     what srun speaks to femna's MPI: pmi2 (MPICH, as in the image) or pmix (Open MPI)
# FEMNA_SLURM   the folder of these scripts, if it is not the one that the job is submitted from
#SBATCH --job-name=femna
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=8
#SBATCH --cpus-per-task=1
#SBATCH --time=12:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log
set -u

if [ $# -ne 2 ]; then
    echo 'usage: sbatch many_nodes.sh CASE DIR' >&2
    exit 2
fi
here=${FEMNA_SLURM:-${SLURM_SUBMIT_DIR:-.}}

# srun starts one container a rank; the MPICH within speaks PMI-2 to Slurm, and needs none of the site's MPI
command=(srun "--mpi=${FEMNA_MPI:-pmi2}")
if [ -n "${FEMNA_IMAGE:-}" ]; then
    command+=(apptainer exec "$FEMNA_IMAGE")
fi
exec "$here/go_on.sh" "$1" "$2" "${command[@]}" femna
