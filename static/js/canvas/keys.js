// Drawing with the keyboard: arrows from step to step, Enter chooses and opens, Delete removes, Ctrl+Z takes back.
(() => {
  "use strict";
  const { byId, canvas, split, submit } = window.smsCanvas;
  const isTyping = (target) => Boolean(target.closest?.("input, textarea, select, [contenteditable]"));
  const isBare = (target) => target === document.body || target === canvas(); // nothing in particular has the focus: the chosen step is meant
  const stepOf = (target) => target.closest?.("[data-step]") ?? (isBare(target) ? document.querySelector(".step.selected") : null);

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
  const IN_PALETTE = { ArrowUp: (at) => at - 1, ArrowDown: (at) => at + 1, Home: () => 0, End: (at, last) => last };
  const inPalette = (event, button) => {
    const buttons = [...document.querySelectorAll(".palette button")];
    buttons[IN_PALETTE[event.key](buttons.indexOf(button), buttons.length - 1)]?.focus();
    event.preventDefault();
  };
  const toPalette = () => {
    const drawer = byId("add"), first = drawer?.querySelector(".palette button");
    if (!first) return;
    if (first.checkVisibility()) first.focus();
    else window.bootstrap?.Offcanvas.getOrCreateInstance(drawer).show();
  };

  const undo = (event) => {
    const button = byId(event.key.toLowerCase() === "y" || event.shiftKey ? "redo" : "undo");
    if (!button) return;
    event.preventDefault();
    button.click();
  };
  const onStep = (event, step) => {
    const exit = event.target.closest(".step-exit");
    if (DIRECTIONS[event.key] && event.target === canvas()) return; // it scrolls
    if (DIRECTIONS[event.key]) nearest(step, DIRECTIONS[event.key])?.querySelector(".step-link").focus();
    else if (event.key === "Delete" && exit) submit({ do: "cut", step: step.dataset.step, out: split(exit.dataset.at).out });
    else if (event.key === "Delete") submit({ do: "remove", step: step.dataset.step });
    else if (event.key === "Enter" && (event.target.matches("[aria-current]") || isBare(event.target))) byId("panel")?.focus(); // chosen already: open it
    else return;
    event.preventDefault();
  };
  const single = (event, step) => {
    if (event.key.toLowerCase() === "a") toPalette();
    else if (event.key.toLowerCase() === "c" && step) submit({ do: "copy", step: step.dataset.step });
    else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target) || event.altKey || document.querySelector(".modal.show, .dropdown-menu.show")) return;
    if (event.ctrlKey || event.metaKey) {
      if (["z", "y"].includes(event.key.toLowerCase())) undo(event);
      return;
    }
    const step = stepOf(event.target), kind = event.target.closest?.(".palette button");
    if (kind && IN_PALETTE[event.key]) {
      inPalette(event, kind);
      return;
    }
    if (step) onStep(event, step);
    if (!event.defaultPrevented && !("noShortcuts" in document.documentElement.dataset)) single(event, step);
  });

  // "Open" among the quick actions leads to the panel, also from a list on a phone.
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.('#open-step[href="#panel"]')) return;
    event.preventDefault();
    byId("panel")?.focus();
  });
})();
