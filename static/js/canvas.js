// The canvas: drag from the palette and between steps, arrows, Delete, Ctrl+Z. All of it only submits the forms of the page.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const stepOf = (target) => target.closest?.("[data-step]");
  const isTyping = (target) => Boolean(target.closest?.("input, textarea, select, [contenteditable]"));

  const submit = (fields) => {
    const form = byId("drag");
    if (!form) return;
    for (const name of ["do", "kind", "after", "step", "out", "to"]) form.elements[name].value = fields[name] ?? "";
    form.requestSubmit();
  };

  // What is in the hand: a kind of the palette, or an exit of a step.
  let held = null;
  document.addEventListener("dragstart", (event) => {
    const kind = event.target.closest?.(".palette button"), exit = event.target.closest?.(".step-exit");
    held = kind ? { kind: kind.value } : exit ? { step: stepOf(exit).dataset.step, out: exit.dataset.out } : null;
    if (!held) return;
    event.dataTransfer.effectAllowed = "copy";
    event.dataTransfer.setData("text/plain", held.kind ?? held.step);
  });
  document.addEventListener("dragend", () => { held = null; mark(null); });
  const mark = (place) => {
    for (const old of document.querySelectorAll(".is-over")) if (old !== place) old.classList.remove("is-over");
    place?.classList.add("is-over");
  };
  const placeOf = (target) => target.closest?.(".step-exit") ?? stepOf(target);
  document.addEventListener("dragover", (event) => {
    if (!held || !event.target.closest?.("[data-canvas]")) return;
    const place = placeOf(event.target);
    if (!held.kind && !place) return;
    event.preventDefault();
    mark(place);
  });
  document.addEventListener("drop", (event) => {
    if (!held || !event.target.closest?.("[data-canvas]")) return;
    event.preventDefault();
    const exit = event.target.closest(".step-exit"), step = stepOf(event.target)?.dataset.step ?? "";
    if (held.kind) submit({ do: "add", kind: held.kind, after: step, out: exit?.dataset.out });
    else if (step && step !== held.step) submit({ do: "connect", step: held.step, out: held.out, to: step });
    held = null;
  });

  // Arrow keys go to the nearest step that way; Delete asks for the removal of the one that has the focus.
  const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  const nearest = (from, [x, y]) => {
    const at = (step) => [Number(step.dataset.col), Number(step.dataset.row)], [column, row] = at(from);
    const far = (step) => {
      const [across, down] = [at(step)[0] - column, at(step)[1] - row], ahead = across * x + down * y;
      return ahead > 0 ? ahead + 2 * Math.abs(x ? down : across) : Infinity;
    };
    const sorted = [...document.querySelectorAll("[data-step]")].filter((step) => far(step) < Infinity).sort((a, b) => far(a) - far(b));
    return sorted[0];
  };
  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target) || event.altKey || document.querySelector(".modal.show")) return;
    const undo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    if (undo && byId("undo")) {
      event.preventDefault();
      byId(event.shiftKey ? "redo" : "undo").click();
      return;
    }
    const step = stepOf(event.target);
    if (!step || event.ctrlKey || event.metaKey) return;
    if (DIRECTIONS[event.key]) {
      event.preventDefault();
      nearest(step, DIRECTIONS[event.key])?.querySelector(".step-link").focus();
    } else if (event.key === "Delete") {
      event.preventDefault();
      submit({ do: "remove", step: step.dataset.step });
    }
  });

  // Of a scheduler's fields only those of the chosen frequency are shown.
  const narrow = () => {
    const chosen = document.querySelector("input[name=every]:checked")?.value;
    if (chosen) for (const part of document.querySelectorAll("[data-every]")) part.hidden = !part.dataset.every.split(" ").includes(chosen);
  };
  document.addEventListener("change", (event) => { if (event.target.name === "every") narrow(); });
  document.addEventListener("htmx:afterSettle", narrow);
  narrow();
})();
