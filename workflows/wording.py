"""States as screens show them: a word, a tone and an icon."""

from campaigns.wording import State
from workflows.states import RunState, StepState, WorkflowState

WORKFLOWS = {
    state.code: state
    for state in (
        State(WorkflowState.EDITING, WorkflowState.EDITING.label, "", "pencil"),
        State(WorkflowState.RUNNING, WorkflowState.RUNNING.label, "blue", "play-circle"),
        State(WorkflowState.PAUSED, WorkflowState.PAUSED.label, "yellow", "pause-circle"),
        State(WorkflowState.FINISHED, WorkflowState.FINISHED.label, "green", "check-circle"),
        State(WorkflowState.STOPPED, WorkflowState.STOPPED.label, "", "stop-circle"),
        State(WorkflowState.ERROR, WorkflowState.ERROR.label, "red", "exclamation-octagon"),
    )
}
RUNS = {
    state.code: state
    for state in (
        State(RunState.RUNNING, RunState.RUNNING.label, "blue", "play-circle"),
        State(RunState.FINISHED, RunState.FINISHED.label, "green", "check-circle"),
        State(RunState.FAILED, RunState.FAILED.label, "red", "exclamation-octagon"),
        State(RunState.STOPPED, RunState.STOPPED.label, "", "stop-circle"),
    )
}
STEPS = {
    state.code: state
    for state in (
        State(StepState.DUE, StepState.DUE.label, "blue", "hourglass-split"),
        State(StepState.HELD, StepState.HELD.label, "blue", "send"),
        State(StepState.DONE, StepState.DONE.label, "green", "check-lg"),
        State(StepState.SKIPPED, StepState.SKIPPED.label, "", "slash-circle"),
        State(StepState.FAILED, StepState.FAILED.label, "red", "exclamation-octagon"),
    )
}  # a step that nothing has reached yet shows none
