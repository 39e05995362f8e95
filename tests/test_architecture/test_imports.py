"""Who may import whom. An arrow of the design may be followed, never walked back."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import pytest

from tests.test_architecture.source import ROOMS, Module, is_within, modules_of

#: The top-level folders that each top-level folder may import, beside itself.
MAY_IMPORT: dict[str, frozenset[str]] = {
    "models": frozenset(),
    "service": frozenset({"models"}),
    "training": frozenset({"models"}),
}

#: The service's rooms from the door inwards: each may import those of later lines, never of its own or an earlier one.
SERVICE_LEVELS: tuple[frozenset[str], ...] = (
    frozenset({"service.__main__"}),
    frozenset({"service.serving", "service.score_file", "service.store_commands", "service.access_commands"}),
    frozenset({"service.demo"}),
    frozenset({"service.article_files"}),
    frozenset({"service.app", "service.rows"}),
    frozenset({"service.review"}),
    frozenset({"service.api"}),
    frozenset({"service.what_if"}),
    frozenset({"service.moderation", "service.desk", "service.numbers", "service.labels"}),
    frozenset({"service.retention", "service.policies", "service.keys", "service.people", "service.webhooks"}),
    frozenset({"service.statements", "service.alike"}),
    frozenset({"service.scoring", "service.policy", "service.storage"}),
    frozenset({"service.golden"}),
    frozenset({"service.priority"}),
    frozenset({"service.reports"}),
    frozenset({"service.revisions", "service.attempts", "service.credentials"}),
    frozenset({"service.buckets"}),
    frozenset({"service.settings", "service.telemetry"}),
    frozenset({"service.agreement"}),
    frozenset({"service.estimates"}),
    frozenset({"service.review_domain"}),
    frozenset({"service.domain", "service.principals"}),
    frozenset({"service.errors"}),
)

#: The values that any room may pass on. Whatever else models holds is for the rooms of the next table alone.
MODEL_VALUES = frozenset({"models.comment", "models.heads", "models.scores"})
MODEL_USERS: dict[str, frozenset[str]] = {
    "service.scoring": frozenset({"models"}),
    # Shows what the live bundle says of itself.
    "service.api": frozenset({"models.bundle", "models.manifest"}),
    # Writes labelled comments as training reads them.
    "service.labels": frozenset({"models.record"}),
    # Say why a bundle was refused; the second one scores without a server.
    "service.serving": frozenset({"models.artifact"}),
    "service.score_file": frozenset({"models.artifact", "models.bundle"}),
}

LEVEL_OF = {room: level for level, rooms in enumerate(SERVICE_LEVELS) for room in rooms}
MODULES = [module for room in ROOMS for module in modules_of(room)]
SERVICE_MODULES = [module for module in modules_of("service") if module.name != "service"]


def name_of(module: Module) -> str:
    """How a test case is called: by the file's dotted name."""
    return module.name


def service_room(name: str) -> str:
    """The room of the service that a dotted name below it lies in."""
    return ".".join(name.split(".")[:2])


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_the_halves_meet_only_in_models(module: Module) -> None:
    """Service and training never import each other, models imports neither, and nothing imports the tests."""
    home = module.name.partition(".")[0]
    ours = {name.partition(".")[0] for name in module.imports()} & {*ROOMS, "tests", "bench"}
    assert ours - {home} <= MAY_IMPORT[home]


@pytest.mark.parametrize("module", SERVICE_MODULES, ids=name_of)
def test_a_room_looks_only_inwards(module: Module) -> None:
    """A file of the service imports its own room and rooms further in; a new room takes its place in the table."""
    room = service_room(module.name)
    assert room in LEVEL_OF, f"{room} has no line in SERVICE_LEVELS"
    for name in module.imports():
        if is_within(name, "service") and name != "service" and not is_within(name, room):
            assert LEVEL_OF[service_room(name)] > LEVEL_OF[room], f"{module.name} imports {name}"


@pytest.mark.parametrize("module", SERVICE_MODULES, ids=name_of)
def test_only_scoring_opens_models(module: Module) -> None:
    """Bundles, features and files are the scoring room's affair; nearly everyone else handles values.

    The bare package holds nothing: the app imports it to see that it lies beside ``service``.
    """
    allowed = MODEL_VALUES | MODEL_USERS.get(service_room(module.name), frozenset())
    for name in module.imports():
        if is_within(name, "models") and name != "models":
            assert any(is_within(name, part) for part in allowed), f"{module.name} imports {name}"


def test_no_import_goes_round() -> None:
    """No file imports itself by way of others."""
    names = {module.name for module in MODULES}
    graph = {module.name: (set(module.imports()) & names) - {module.name} for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))
