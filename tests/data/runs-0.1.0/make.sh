#!/bin/sh
# Run in an empty folder, with femna 0.1.0 on the PATH.
one() {
    femna run planar --set layer.anode.thickness=2um --set surface.position=2um --set layer.electrolyte.thickness=4um \
        --set interface.width=0.9um --set interface.barrier_ratio=0.05 --set numerics.resolution=3 \
        --set numerics.tolerance=0.05 --set output.interval=1min \
        --set 'protocol=[{mode="voltage", value="20 mV", until="4 min"}]' "$@"
}
two() {
    femna run ici-bottom --set geometry.dim=1 --set geometry.front_zone=2.5um --set layer.anode.thickness=1um \
        --set surface.position=1um --set layer.interphase.thickness=0.5um --set layer.electrolyte.thickness=3um \
        --set interface.width=0.2um --set numerics.resolution=3 --set numerics.tolerance=0.01 \
        --set output.interval=20s --set \
        'protocol=[{mode="current", value="5 A/m^2", until="60 s"}, {mode="current", value="-5 A/m^2", until="40 s"}]' "$@"
}
one -o run-one --set numerics.max_steps=32
two -o run-two --set numerics.max_steps=13
one -o whole-one && femna summary whole-one --json > run-one.json
two -o whole-two && femna summary whole-two --json > run-two.json
for run in run-one run-two; do
    tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=2026-12-01 -cf - $run | xz -9e > $run.tar.xz
done
