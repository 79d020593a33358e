// Drawing with the pointer: kinds from the list, steps and links from the canvas, onto a step, a transition, a dot or the bare canvas.
(() => {
  "use strict";
  const { canvas, split, submit } = window.smsCanvas;
  const FAR = 6; // pixels before a press becomes a drag
  const EDGE = 40, STRIDE = 14; // pixels: near an edge the canvas scrolls by itself
  const SVG = "http://www.w3.org/2000/svg";
  let held = null;

  const taken = (target) => {
    const kind = target.closest(".palette button"), exit = target.closest(".step-exit"), step = target.closest(".step-link");
    if (kind) return { kind: kind.value, from: kind };
    if (exit) return { at: exit.dataset.at, from: exit };
    return step ? { step: step.closest("[data-step]").dataset.step, from: step } : null;
  };
  document.addEventListener("pointerdown", (event) => {
    const found = event.button === 0 && document.getElementById("drag") && taken(event.target);
    if (!found || (event.pointerType === "touch" && !found.at)) return; // a finger scrolls; it draws links only
    held = { ...found, x: event.clientX, y: event.clientY, moving: false };
  });
  document.addEventListener("dragstart", (event) => { if (held) event.preventDefault(); });

  const begin = () => {
    held.moving = true;
    document.body.classList.add("is-dragging");
    if (held.at) {
      held.rubber = document.createElementNS(SVG, "path");
      held.rubber.setAttribute("class", "rubber");
      document.querySelector(".canvas-links")?.append(held.rubber);
      return;
    }
    held.ghost = held.from.cloneNode(true);
    held.ghost.removeAttribute("id");
    held.ghost.setAttribute("aria-hidden", "true");
    held.ghost.classList.add("drag-ghost");
    document.body.append(held.ghost);
  };

  // Where the pointer is: a dot, a step or a transition before the bare canvas.
  const placeAt = (x, y) => {
    const over = document.elementsFromPoint(x, y);
    const find = (selector) => over.map((one) => one.closest(selector)).find(Boolean) ?? null;
    if (!find(".flow-canvas")) return null;
    const step = find("[data-step]"), exit = find(".step-exit"), link = find(".canvas-links [data-at]");
    if (held.at) return step && step.dataset.step !== split(held.at).after ? { step: step.dataset.step, mark: step } : null;
    if (exit && exit.closest("[data-step]").dataset.step !== held.step) return { at: exit.dataset.at, mark: exit };
    if (step) return step.dataset.step === held.step ? null : { step: step.dataset.step, mark: step };
    return link ? { at: link.dataset.at, mark: link } : { bare: true, mark: canvas() };
  };
  const mark = (place) => {
    for (const old of document.querySelectorAll(".is-over")) if (old !== place) old.classList.remove("is-over");
    place?.classList.add("is-over");
  };

  const inDrawing = (svg, x, y) => {
    const point = new DOMPoint(x, y).matrixTransform(svg.getScreenCTM().inverse());
    return `${point.x.toFixed(3)} ${point.y.toFixed(3)}`;
  };
  const show = () => {
    if (held.ghost) {
      held.ghost.style.left = `${held.x + 8}px`;
      held.ghost.style.top = `${held.y + 8}px`;
    }
    const svg = held.rubber?.ownerSVGElement;
    if (svg) {
      const box = held.from.getBoundingClientRect();
      held.rubber.setAttribute("d", `M${inDrawing(svg, box.x + box.width / 2, box.y + box.height / 2)}L${inDrawing(svg, held.x, held.y)}`);
    }
    held.place = placeAt(held.x, held.y);
    mark(held.place?.mark);
  };
  const scroll = () => {
    if (!held?.moving) return;
    const area = canvas(), box = area.getBoundingClientRect();
    const stride = (at, low, high) => (at > low - EDGE && at < low + EDGE ? -STRIDE : at > high - EDGE && at < high + EDGE ? STRIDE : 0);
    area.scrollBy(stride(held.x, box.left, box.right), stride(held.y, box.top, box.bottom));
    show();
    requestAnimationFrame(scroll);
  };
  document.addEventListener("pointermove", (event) => {
    if (!held) return;
    const far = Math.hypot(event.clientX - held.x, event.clientY - held.y);
    if (!held.moving && far < FAR) return;
    held.x = event.clientX;
    held.y = event.clientY;
    if (!held.moving) { begin(); requestAnimationFrame(scroll); }
    show();
  });

  const letGo = () => {
    const gone = held;
    held = null;
    gone?.ghost?.remove();
    gone?.rubber?.remove();
    document.body.classList.remove("is-dragging");
    mark(null);
    return gone;
  };
  const dropped = (thing, place) => {
    if (thing.at) {
      const { after, out } = split(thing.at);
      submit({ do: "connect", step: after, out, to: place.step });
      return;
    }
    const { after, out } = place.at ? split(place.at) : { after: place.step, out: "" };
    if (thing.kind) submit({ do: "add", kind: thing.kind, after, out });
    else if (after) submit({ do: "move", step: thing.step, after, out });
  };
  document.addEventListener("pointerup", (event) => {
    if (!held?.moving) { held = null; return; }
    held.x = event.clientX;
    held.y = event.clientY;
    show();
    const place = held.place, thing = letGo();
    const still = (click) => { click.preventDefault(); click.stopImmediatePropagation(); }; // a drag is no press
    document.addEventListener("click", still, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", still, { capture: true }), 0);
    if (place) dropped(thing, place);
  });
  document.addEventListener("pointercancel", letGo);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && held) letGo(); });

  // Nothing is exchanged under somebody's hand.
  document.addEventListener("htmx:beforeRequest", (event) => { if (held?.moving && event.detail.elt.id === "live") event.preventDefault(); });
})();
