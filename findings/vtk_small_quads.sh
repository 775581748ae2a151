#!/bin/bash
# vtkCellSizeFilter gives small quadrilaterals the area 0, without a warning; as polygons the same four points are right.
# Expected: a square of side s has the area s^2 for any s that a float holds (a mesh in metres has cells of nanometres).
# Seen (VTK 9.7.2 from PyPI): sides of 32 nm and less give 0, and 1 um by 0.1 nm does, as clipping triangles makes them.
# Exits 1 when that is no longer so. Needs Python 3.12-3.14 with venv.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.5.5 vtk==9.7.2 2>/dev/null
cat >"$work/areas.py" <<'PYTHON'
import sys

from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkPoints, vtkVersion
from vtkmodules.vtkCommonDataModel import VTK_POLYGON, VTK_QUAD, vtkUnstructuredGrid
from vtkmodules.vtkFiltersVerdict import vtkCellSizeFilter


def area(kind, a, b):
    points = vtkPoints()
    points.SetDataTypeToDouble()
    for x, y in ((0, 0), (a, 0), (a, b), (0, b)):
        points.InsertNextPoint(x, y, 0)
    grid = vtkUnstructuredGrid()
    grid.SetPoints(points)
    grid.InsertNextCell(kind, 4, [0, 1, 2, 3])
    sizes = vtkCellSizeFilter()
    sizes.SetInputData(grid)
    sizes.Update()
    return vtk_to_numpy(sizes.GetOutput().GetCellData().GetArray("Area"))[0]


print("VTK", vtkVersion().GetVTKVersion())
lost = 0
for a, b in ((1e-6, 1e-6), (1e-7, 1e-7), (3e-8, 3e-8), (1e-9, 1e-9), (1e-6, 1e-10)):
    quad, polygon = area(VTK_QUAD, a, b), area(VTK_POLYGON, a, b)
    lost += int(quad == 0.0 and abs(polygon / (a * b) - 1.0) < 1e-9)
    print(f"{a:g} m x {b:g} m: expected {a * b:.3g} m2, seen {quad:.3g} as a quad, {polygon:.3g} as a polygon")
sys.exit(0 if lost == 3 else 1)
PYTHON
"$work/venv/bin/python" "$work/areas.py"
