"""A process from outside femna: a dissolved species that decays in one layer, by edge and nodal terms."""

from __future__ import annotations

from typing import Annotated, Self

import numpy as np

import femna.plugin as fp


class DecayKeys(fp.Section):
    """The table [processes.decay] of a case file."""

    layer: str
    rate: Annotated[float, fp.Quantity("1/s", above=0)]
    diffusivity: Annotated[float, fp.Quantity("m^2/s", above=0)]


TRACER = fp.Field(
    key="tracer",
    label="Tracer",
    symbol=r"$T$",
    unit="mol/m^3",
    shown_unit="mol/m^3",
    shown_scale=1.0,
    colour_map="cividis",
)


class FirstOrderDecay(fp.Process):
    """dT/dt = div(D grad T) - k T in one layer; nothing leaves it. With s from 0 to 1 across the layer
    T = 1 + cos(pi s) in mol/m^3 at the start."""

    name = "decay"
    keys = DecayKeys

    @classmethod
    def declare(cls, case: fp.Case) -> tuple[fp.Variable, ...]:
        """The tracer."""
        return (fp.Variable(TRACER, layers=(fp.process_keys(case, cls, DecayKeys).layer,)),)

    @classmethod
    def build(cls, case: fp.Case, grid: fp.Grid) -> Self:
        """The decay of a case on a grid."""
        return cls(fp.process_keys(case, cls, DecayKeys), case, grid)

    def __init__(self, keys: DecayKeys, case: fp.Case, grid: fp.Grid) -> None:
        self.grid, self.rate, self.diffusivity = grid, keys.rate, keys.diffusivity
        self.number, (self.low, self.high) = case.layer_names.index(keys.layer), case.interval(keys.layer)
        self.volume = grid.layer_volume(self.number)  # of each node, within the layer

    @property
    def scalars(self) -> tuple[fp.Scalar, ...]:
        """How much has decayed."""
        return (fp.Scalar("decayed", "mol m^(d-3)", "tracer that has decayed since the start"),)

    def initial(self) -> dict[str, fp.Array]:
        """1 + cos(pi s) in the layer, 0 elsewhere."""
        s = (self.grid.points[:, -1] - self.low) / (self.high - self.low)
        return {"tracer": np.where(self.volume > 0.0, 1.0 + np.cos(np.pi * s), 0.0)}

    def equations(self, context: fp.StepContext) -> tuple[fp.Equation, ...]:
        """Diffusion along the edges, decay at the nodes."""
        in_layer = (self.grid.layer == self.number).astype(float)
        conductance = self.grid.edge_weight(self.diffusivity * in_layer)
        terms: dict[str, fp.Term] = {
            "diffusion": fp.EdgeTerm(conductance, conductance),
            "decay": fp.NodalTerm(lambda u: (-self.rate * u, np.full_like(u, -self.rate)), self.volume),
        }
        outside = self.volume == 0.0
        return (fp.Equation("tracer", terms, self.volume / self.grid.volume, outside, np.zeros(self.grid.size)),)

    def advance_scalars(self, context: fp.StepContext) -> dict[str, float]:
        """What decays in the step, by the formula of the field itself."""
        return {"decayed": context.integrated("decayed", self.rate * self.held(context.state))}

    def held(self, state: fp.State) -> float:
        """All of the tracer, mol m^(d-3). Collective."""
        return float(self.grid.sum((self.grid.is_owned * self.volume * state["tracer"]).sum())[0])

    def conserved(self) -> tuple[fp.Conserved, ...]:
        """What is there and what has decayed."""
        return (fp.Conserved("tracer", "mol.m-2", self.held, lambda state: -state.scalars["decayed"]),)

    def time_step_limit(self, state: fp.State) -> float:
        """A twentieth of its life time."""
        return 0.05 / self.rate


class TracerLeft(fp.Diagnostic):
    """A diagnostic from outside femna: how much of the tracer is left."""

    columns = (fp.Column("Tracer left [-]", "Share of the tracer that has not decayed", summary_key="tracer_left"),)

    def __init__(self, process: FirstOrderDecay) -> None:
        self.process, self.whole = process, float(process.grid.sum((process.grid.is_owned * process.volume).sum())[0])

    @classmethod
    def is_active(cls, case: fp.Case, model: fp.Model) -> bool:
        """Where the process is."""
        return any(isinstance(process, FirstOrderDecay) for process in model.processes)

    @classmethod
    def build(cls, case: fp.Case, model: fp.Model) -> Self:
        """Of the process of the model."""
        return cls(next(process for process in model.processes if isinstance(process, FirstOrderDecay)))

    def row(self, observation: fp.Observation) -> dict[str, float]:
        """T integrated over the layer, over its volume."""
        return {"Tracer left [-]": self.process.held(observation.state) / self.whole}


fp.register_process(FirstOrderDecay)
fp.register_diagnostic(TracerLeft)
