"""`femna report`: one page for a run, which opens without a network and asks nothing of one."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory

from femna.analysis.runs import Run, open_run
from femna.errors import BadInput
from femna.io.atomic_files import write_whole
from femna.render import opengl, theme
from femna.render.look import Look
from femna.render.run_pictures import draw_run, heading
from femna.render.viewer import HOW_TO_TURN, viewer, viewer_style
from femna.report.assumptions import assumptions
from femna.report.case_words import case_words
from femna.report.markup import Html, code, escaped, joined, listing, paragraph, picture, section, table
from femna.report.run_numbers import balances, metrics
from femna.report.verified import verified

REPORT_FILE = "report.html"
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""Of the page: a browser refuses every request that it might make."""
CAPTIONS = {
    "fields": "The fields of the last output; in 3D in the plane through the highest tip.",
    "fronts": "The front xi = 1/2 at several times.",
    "profiles": "The fields over the height.",
    "volume": "The deposit in its stack, cut away, and its heights.",
    "slices": "Orthogonal slices through the highest tip.",
    "composition": "What is where in the plane through the highest tip.",
    "currents": "Lines of the ionic current, and the concentration on a cut.",
    "sequence": "The front at several charges, from one place.",
    "history": "Heights, current and voltage over the run.",
    "current_voltage": "Current against voltage where the driven steps end.",
    "cycles": "Plating and stripping.",
}
"""File name of a picture without its ending -> what it shows."""


def report(directory: str | Path, out: str | Path | None = None) -> Path:
    """Write the page of a run, finished or not.

    Args:
        directory: the run folder.
        out: the file; `report.html` in the run folder by default.

    Returns:
        The path of the page.

    Raises:
        BadInput: the folder is no run folder, or its case or history cannot be read.
        CannotGoOn: the file cannot be written.
    """
    run = open_run(directory)
    path = Path(out) if out is not None else Path(directory) / REPORT_FILE
    write_whole(path, page(run).encode("utf-8"))
    return path


def page(run: Run) -> str:
    """The page of a run.

    Args:
        run: the run.
    """
    case = run.case
    sections: list[tuple[str, str, Callable[[], Html]]] = [
        ("case", "The case", lambda: case_words(case)),
        ("pictures", "Pictures and curves", lambda: _pictures(run)),
        ("metrics", "Metrics", lambda: metrics(run)),
        ("balances", "Balances", lambda: balances(run)),
        ("verification", "Verification of the model", lambda: verified(case.model)),
        ("assumptions", "Assumptions", lambda: assumptions(case)),
        ("rerun", "How to run it again", lambda: _rerun(run)),
    ]
    if case.geometry.dim == 3:
        sections.insert(2, ("scene", "The deposit, to turn", lambda: _scene(run)))
    links = joined(Html(f'<a href="#{name}">{escaped(title)}</a> ') for name, title, _ in sections)
    title = escaped(case.name)
    style = resources.files("femna.report").joinpath("report.css").read_text(encoding="utf-8")
    if case.geometry.dim == 3:
        style += viewer_style()
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n'
        f"<style>{style}</style>\n</head>\n<body>\n"
        f'<h1>{title}</h1>\n<p class="status">{_status(run)}</p>\n<nav>{links}</nav>\n'
        f"{joined(section(name, head, content()) for name, head, content in sections)}</body>\n</html>\n"
    )


def _status(run: Run) -> Html:
    manifest = run.manifest
    reason = f" ({manifest['reason']})" if run.status != "finished" and manifest.get("reason") else ""
    parts = [f"{run.status}{reason}", f"femna {manifest.get('femna', '?')}"]
    parts += [f"{manifest[key]}" for key in ("updated",) if manifest.get(key)]
    return escaped("; ".join(parts))


def _pictures(run: Run) -> Html:
    with TemporaryDirectory() as folder:
        try:
            with theme.style(Look()):
                paths = draw_run(run, Path(folder))
        except BadInput as error:
            return paragraph(f"There is nothing to draw: {error}")
        shown = [picture(path, CAPTIONS.get(path.stem, path.stem)) for path in paths]
    return joined(shown)


def _scene(run: Run) -> Html:
    opengl.choose_off_screen()
    try:
        grid = run.fields()
    except BadInput as error:
        return paragraph(f"There is nothing to show: {error}")
    if "xi" not in grid.point_data:
        return paragraph("There is nothing to show: xi is not among the stored fields.")
    moment = heading(run, float(run.times[-1]))
    return joined((paragraph(moment), Html(viewer(grid, run.case)), paragraph(HOW_TO_TURN)))


def _rerun(run: Run) -> Html:
    manifest = run.manifest
    again = "# with the case of this run folder, as it was resolved\nfemna run case.toml -o again"
    command = manifest.get("command")
    parts = [code(again)]
    if isinstance(command, list):
        parts += [paragraph("It was started, in its own folder, by"), code(shlex.join(str(word) for word in command))]
    parts.append(_environment(manifest))
    earlier = manifest.get("sessions") or []
    if earlier:
        parts.append(paragraph(f"It was resumed: {len(earlier)} earlier sessions are in its manifest.json."))
    files = ("case.toml: the resolved case", "history.csv: every number over time", "fields/: the stored fields")
    return joined((*parts, paragraph("In the run folder:"), listing(files)))


def _environment(manifest: dict[str, object]) -> Html:
    rows: list[tuple[str, object]] = [("femna", manifest.get("femna", "-")), ("ranks", manifest.get("ranks", "-"))]
    for key in ("host", "versions"):
        found = manifest.get(key)
        rows += list(found.items()) if isinstance(found, dict) else []
    return table(("what", "then"), rows)
