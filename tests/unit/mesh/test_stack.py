import itertools

import gmsh
import numpy as np
import pytest

from femna.errors import BadInput
from femna.mesh.grading import estimate_cells, grading
from femna.mesh.simplices import volumes
from femna.mesh.stack import build_stack, write_msh

from .edge_conductances import positive_off_diagonals

UM = 1e-6
DIMS = [1, 2, 3]


def area(case) -> float:
    return float(np.prod([case.geometry.width, case.geometry.depth][: case.geometry.dim - 1]))


def facets(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The facets (F, dim) of the cells, sorted nodes, and in how many cells each lies."""
    sides = [np.delete(cells, i, axis=1) for i in range(cells.shape[1])]
    return np.unique(np.sort(np.concatenate(sides), axis=1), axis=0, return_counts=True)


@pytest.mark.parametrize("dim", DIMS)
def test_every_layer_has_its_exact_volume(make_case, dim):
    case = make_case(dim=dim)
    mesh = build_stack(case)
    size = volumes(mesh.points, mesh.cells)
    assert mesh.points.shape[1] == dim
    assert mesh.cells.shape[1] == dim + 1
    assert mesh.points.dtype == np.float64
    assert mesh.cells.dtype == np.int64
    assert mesh.layer.dtype == np.int32
    assert (size > 0).all()
    for index, name in enumerate(case.layer_names):
        z0, z1 = case.interval(name)
        assert size[mesh.layer == index].sum() == pytest.approx(area(case) * (z1 - z0), rel=1e-12)
        z = mesh.points[mesh.cells[mesh.layer == index], -1]
        assert z.min() == z0
        assert z.max() == z1


@pytest.mark.parametrize("dim", DIMS)
def test_conforming_with_every_node_used_once(make_case, dim):
    case = make_case(dim=dim)
    mesh = build_stack(case)
    assert np.array_equal(np.unique(mesh.cells), np.arange(len(mesh.points)))
    assert len(np.unique(np.round(mesh.points / (1e-6 * UM)), axis=0)) == len(mesh.points)
    sides, count = facets(mesh.cells)
    corner = mesh.points[sides]
    walls = [(0.0, size) for size in (case.geometry.width, case.geometry.depth)[: dim - 1]] + [(0.0, case.height)]
    on_hull = np.zeros(len(sides), bool)
    for axis, (low, high) in enumerate(walls):
        on_hull |= (corner[..., axis] == low).all(axis=1) | (corner[..., axis] == high).all(axis=1)
    assert (count == np.where(on_hull, 1, 2)).all()


@pytest.mark.parametrize("dim", DIMS)
def test_no_positive_off_diagonals(make_case, dim):
    mesh = build_stack(make_case(dim=dim))
    assert positive_off_diagonals(mesh.points, mesh.cells, mesh.layer) == (0.0, 0.0)


@pytest.mark.parametrize(
    "stack",
    [
        {"wide": 14.7, "fine": 0.31, "front_zone": 12.3, "layers": {"a": 3.33, "b": 4.44, "c": 1.24, "d": 16.3}},
        {"wide": 9.9, "fine": 0.19, "front_zone": 8.1, "layers": {"a": 4.2, "b": 0.77, "c": 21.0}},
        {"wide": 21.3, "fine": 0.4, "front_zone": 15.0, "layers": {"a": 5.5, "b": 1.1, "c": 2.2, "d": 11.0}},
    ],
)
def test_odd_stacks_of_triangles_have_none_either(make_case, stack):
    mesh = build_stack(make_case(dim=2, **stack))
    assert positive_off_diagonals(mesh.points, mesh.cells, mesh.layer) == (0.0, 0.0)
    assert (volumes(mesh.points, mesh.cells) > 0).all()


@pytest.mark.parametrize("dim", DIMS)
def test_fine_where_the_front_will_be_and_coarse_beyond(make_case, dim):
    case = make_case(dim=dim, fine=0.4)
    mesh = build_stack(case)
    corner = mesh.points[mesh.cells]
    tall = np.ptp(corner[..., -1], axis=1)
    middle = corner[..., -1].mean(axis=1)
    fine = (middle > 2.0 * UM) & (middle < 9.0 * UM)
    assert np.median(tall[fine]) < 0.45 * UM
    assert tall[fine].max() < 0.7 * UM
    assert tall[middle > 17.0 * UM].mean() > 0.6 * UM
    assert len(mesh.cells) == pytest.approx(estimate_cells(case, grading(case)), rel=0.15)


@pytest.mark.parametrize("dim", DIMS)
def test_the_same_case_gives_the_same_mesh_bit_for_bit(make_case, dim):
    one, two = build_stack(make_case(dim=dim)), build_stack(make_case(dim=dim))
    assert np.array_equal(one.points, two.points)
    assert np.array_equal(one.cells, two.cells)
    assert np.array_equal(one.layer, two.layer)


@pytest.mark.parametrize("dim", DIMS)
def test_file_holds_the_same_mesh_and_its_groups(make_case, dim, tmp_path):
    case = make_case(dim=dim)
    mesh = build_stack(case)
    write_msh(case, tmp_path / "stack.msh")
    assert [p.name for p in tmp_path.iterdir()] == ["stack.msh"]
    assert (tmp_path / "stack.msh").read_bytes().startswith(b"$MeshFormat\n4.1 ")
    sizes: dict[str, float] = {}
    gmsh.initialize([], readConfigFiles=False, run=False, interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.open(str(tmp_path / "stack.msh"))
        tags, xyz, _ = gmsh.model.mesh.getNodes()
        index = np.zeros(int(tags.max()) + 1, int)
        index[tags] = np.arange(len(tags))
        points = xyz.reshape(-1, 3)
        for group_dim, tag in gmsh.model.getPhysicalGroups():
            name = gmsh.model.getPhysicalName(group_dim, tag)
            sizes[name] = 0.0
            assert group_dim == (dim if name in case.layer_names else dim - 1)
            for entity in gmsh.model.getEntitiesForPhysicalGroup(group_dim, tag):
                kinds, _, nodes = gmsh.model.mesh.getElements(group_dim, entity)
                assert list(kinds) == [{0: 15, 1: 1, 2: 2, 3: 4}[group_dim]]
                cells = index[nodes[0]].reshape(-1, group_dim + 1)
                sides = points[cells[:, 1:]] - points[cells[:, :1]]
                gram = np.sqrt(np.abs(np.linalg.det(sides @ sides.transpose(0, 2, 1))))
                sizes[name] += gram.sum() / [1, 1, 2, 6][group_dim]
    finally:
        gmsh.finalize()
    names = case.layer_names
    contacts = [f"{a}-{b}" for a, b in itertools.pairwise(names)]
    outside = ["collector", "counter"] + ["sides"] * (dim > 1)
    assert set(sizes) == {*names, *contacts, *outside}
    for name in names:
        z0, z1 = case.interval(name)
        assert sizes[name] == pytest.approx(area(case) * (z1 - z0), rel=1e-9)
    for name in ["collector", "counter", *contacts]:
        assert sizes[name] == pytest.approx(area(case), rel=1e-9)
    if dim > 1:
        around = {2: 2.0, 3: 2.0 * (case.geometry.width + case.geometry.depth)}[dim]
        assert sizes["sides"] == pytest.approx(around * case.height, rel=1e-9)
    assert len(points) == len(mesh.points)
    order = np.lexsort(np.round(points[:, :dim] / (1e-6 * UM)).T)
    expected = np.lexsort(np.round(mesh.points / (1e-6 * UM)).T)
    assert points[order, :dim] == pytest.approx(mesh.points[expected], abs=1e-9 * UM)


def test_files_that_cannot_be_written(make_case, tmp_path):
    case = make_case(dim=1)
    with pytest.raises(BadInput, match=r"\.msh"):
        write_msh(case, tmp_path / "stack.vtk")
    with pytest.raises(BadInput, match=r"nowhere.*cannot be written: No such file or directory"):
        write_msh(case, tmp_path / "nowhere" / "stack.msh")
    (tmp_path / "folder.msh").mkdir()
    with pytest.raises(BadInput, match=r"folder\.msh cannot be written: Is a directory"):
        write_msh(case, tmp_path / "folder.msh")
    assert [p.name for p in tmp_path.iterdir()] == ["folder.msh"]


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("Mesh.MeshSizeFactor", 4),
        ("Mesh.ElementOrder", 2),
        ("Mesh.RecombineAll", 1),
        ("Mesh.MeshSizeMax", 1e-6),
        ("Mesh.Algorithm", 5),
    ],
)
def test_the_callers_session_of_gmsh_changes_no_mesh_and_is_left_as_it_was(make_case, dim, option, value):
    expected = build_stack(make_case(dim=dim))
    gmsh.initialize([], readConfigFiles=False, run=False, interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber(option, value)
        gmsh.model.add("mine")
        gmsh.model.geo.addPoint(1.0, 2.0, 3.0, tag=7)
        mesh = build_stack(make_case(dim=dim))
        assert gmsh.isInitialized()
        assert gmsh.model.getCurrent() == "mine"
        assert gmsh.option.getNumber(option) == value
        gmsh.model.geo.synchronize()
        assert gmsh.model.getEntities() == [(0, 7)]
        assert "femna stack" not in gmsh.model.list()
    finally:
        gmsh.finalize()
    assert np.array_equal(mesh.points, expected.points)
    assert np.array_equal(mesh.cells, expected.cells)
