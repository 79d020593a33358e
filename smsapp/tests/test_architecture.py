"""The house stands: imports point down, tasks are doorbells, one place enqueues, gateways are named in one file."""

import ast

import pytest

from providers import registry
from smsapp.testing.source import CHECKOUT, Source, longest, sources
from workflows.steps import registry as steps

MAY_IMPORT = {  # an app → the apps of ours that it may import besides itself
    "smsapp.common": set(),
    "contacts": {"smsapp.common"},
    "providers": {"smsapp.common"},
    "campaigns": {"smsapp.common", "contacts", "providers"},
    "workflows": {"smsapp.common", "contacts", "campaigns"},
}
APPS = {*MAY_IMPORT, "smsapp"}
EDGES, ACTIONS, DATA, RULES = "edges", "actions", "data", "rules"
HEIGHT = {RULES: 0, DATA: 1, ACTIONS: 2, EDGES: 3}
ROOMS = {
    **dict.fromkeys(("views", "api", "admin", "tasks", "receivers", "management", "urls", "wizard", "inbox", "composing", "hooks", "public", "registered"), EDGES),
    **dict.fromkeys(("services", "pipeline", "engine", "importing", "smart"), ACTIONS),
    **dict.fromkeys(("models", "audience", "eligibility", "queries", "vocabulary"), DATA),
    **dict.fromkeys(("phone", "charset", "segments", "tokens", "keywords", "statuses", "recurrence", "graph", "spelling", "custom_values"), RULES),
    **dict.fromkeys(("eligibility_rules", "lookalikes", "stop_phrases", "stop_wording", "text_files", "encodings", "plans", "routing"), RULES),
    **dict.fromkeys(("quiet", "public_holidays", "forecast"), RULES),
}
DECISIONS = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.Match, ast.BoolOp, ast.Compare, ast.ListComp, ast.With)


def app_of(module: str) -> str | None:
    """The app of ours that a dotted name belongs to."""
    if module == "smsapp.common" or module.startswith("smsapp.common."):
        return "smsapp.common"
    first = module.partition(".")[0]
    return first if first in APPS else None


def room_of(module: str) -> str | None:
    """The floor of a module inside its app; None for what stands on the stairs (forms, signals, slots)."""
    app = app_of(module)
    if app in {None, "smsapp"}:
        return None
    parts = module.removeprefix(f"{app}.").split(".")
    return ROOMS.get(parts[0])


def test_imports_between_apps_point_down():
    wrong = [
        f"{source.name}:{line} imports {name}"
        for source in sources(tests=True)
        if (own := app_of(source.module)) in MAY_IMPORT
        for line, name in source.imports()
        if app_of(name) not in {None, own} | MAY_IMPORT[own] | ({"smsapp"} if source.is_test else set())  # a test may start the whole
    ]
    assert not wrong, "\n".join(wrong)


def test_imports_inside_an_app_point_down():
    wrong = [
        f"{source.name}:{line} ({own}) imports {name} ({room_of(name)})"
        for source in sources()
        if (own := room_of(source.module))
        for line, name in source.imports()
        if app_of(name) == app_of(source.module) and is_above(room_of(name), own) and not is_doorbell(name, own)
    ]
    assert not wrong, "\n".join(wrong)


def is_above(room: str | None, own: str) -> bool:
    return room is not None and HEIGHT[room] > HEIGHT[own]


def is_doorbell(name: str, own: str) -> bool:
    """Services may name tasks in order to ring them; the task imports its service inside its body."""
    return own == ACTIONS and "tasks" in name.split(".")[1:3]


def test_rules_are_pure():
    forbidden = ("django.db", "django.conf", "django.utils.timezone", "django.core.cache", "time", "datetime.datetime.now")
    wrong = [
        f"{source.name}:{line} imports {name}"
        for source in sources()
        if room_of(source.module) == RULES
        for line, name in source.imports()
        if any(name == word or name.startswith(f"{word}.") for word in forbidden) and not name.endswith(("TextChoices", "IntegerChoices", "models"))
    ]
    assert not wrong, "\n".join(wrong)


def tasks() -> list[tuple[Source, ast.FunctionDef]]:
    return [
        (source, node)
        for source in sources()
        if source.path.name == "tasks.py"
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and any("task" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]


def test_a_task_is_a_doorbell():
    wrong = []
    for source, task in tasks():
        body = task.body[1:] if ast.get_docstring(task) is not None else task.body
        lines = body[-1].end_lineno - body[0].lineno + 1
        decides = any(isinstance(node, DECISIONS) for statement in body for node in ast.walk(statement))
        if decides or lines > 5:
            wrong.append(f"{source.name}:{task.lineno} {task.name}: {'decides something' if decides else f'{lines} lines'}")
    assert not wrong, "\n".join(wrong)


def test_a_task_imports_its_service_inside_its_body():
    wrong = [
        f"{source.name}:{node.lineno}"
        for source in sources()
        if source.path.name == "tasks.py"
        for node in source.tree.body
        if isinstance(node, ast.Import | ast.ImportFrom) and app_of(ast.unparse(node).split()[1])
    ]
    assert not wrong, "\n".join(wrong)


def test_only_ring_enqueues():
    wrong = [
        f"{source.name}:{node.lineno} .{node.attr}"
        for source in sources()
        if source.module != "smsapp.common.ring"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"delay", "apply_async", "delay_on_commit", "apply_async_on_commit", "send_task"}
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", [kind for kind, _label in registry.choices()])
def test_each_backend_has_its_test_file(kind):
    assert (CHECKOUT / "providers" / "tests" / f"test_backend_{kind}.py").exists()


@pytest.mark.parametrize("module", sorted({type(kind).__module__.rpartition(".")[2] for kind in steps.kinds().values()}))
def test_each_step_of_workflows_has_its_test_file(module):
    assert (CHECKOUT / "workflows" / "tests" / f"test_step_{module}.py").exists()


def test_a_gateway_is_named_in_its_own_file_only():
    kinds = {kind for kind, _label in registry.choices()} - {"simulator"}
    wrong = [
        f"{source.name}:{node.lineno} {node.value!r}"
        for source in sources()
        if not source.name.startswith(("smsapp/demo/", "providers/simulator/"))
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and node.value in kinds and source.name != f"providers/backends/{node.value}.py"
    ]
    assert not wrong, "\n".join(wrong)


def test_every_file_says_what_it_is_for():
    wrong = [source.name for source in sources() if source.tree.body and ast.get_docstring(source.tree) is None]
    assert not wrong, "\n".join(wrong)


def test_no_file_is_a_drawer():
    drawers = {"utils.py", "helpers.py", "misc.py", "tools.py"}
    assert not [source.name for source in sources(tests=True) if source.path.name in drawers]


def test_print_the_longest_files_and_functions(capsys):
    """Never fails: places to look."""
    with capsys.disabled():
        print("\nlongest files and functions:\n" + "\n".join(longest()))
