// The canvas as a page: what is drawn is sent by its own forms, and it stays where it was when its parts are exchanged.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const canvas = () => document.querySelector("[data-canvas]");

  // Fills the hidden form and sends it: every gesture is a post like those of the buttons.
  const submit = (fields) => {
    const form = byId("drag");
    if (!form) return;
    for (const name of ["do", "kind", "after", "step", "out", "to", "at"]) form.elements[name].value = fields[name] ?? "";
    form.requestSubmit();
  };
  const split = (at) => { const dot = at.indexOf("."); return { after: at.slice(0, dot), out: at.slice(dot + 1) }; };
  window.smsCanvas = { byId, canvas, split, submit };

  // What is scrolled stays so; what is chosen anew comes into sight. The focus goes there too, unless it is at work elsewhere.
  const SCROLLED = ["[data-canvas]", ".palette-drawer"];
  const chosen = () => document.querySelector(".step.selected .step-link, .step-exit.chosen");
  let places = [], before = "";
  const bring = () => chosen()?.scrollIntoView({ block: "nearest", inline: "nearest" });
  document.addEventListener("htmx:beforeSwap", () => {
    places = SCROLLED.map((name) => document.querySelector(name)).map((area) => area && { left: area.scrollLeft, top: area.scrollTop });
    before = chosen()?.id ?? "";
  });
  const toAdd = () => (document.querySelector("[data-step]") ? null : [...document.querySelectorAll(".palette button, [data-bs-target='#add']")].find((one) => one.checkVisibility()));
  const home = () => document.querySelector("#panel[data-first], .flow-panel .is-invalid") ?? chosen() ?? toAdd() ?? canvas();
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "workflow" || !canvas()) return;
    SCROLLED.forEach((name, which) => { if (places[which]) document.querySelector(name)?.scrollTo(places[which]); });
    const isNew = (chosen()?.id ?? "") !== before, focus = document.activeElement;
    if (isNew) bring();
    if (focus === document.body || focus?.closest(".palette") || (isNew && focus?.closest("[data-canvas]"))) home()?.focus({ preventScroll: true });
  });
  bring();

  // A toast's "Undo" is the canvas's own, as long as nothing else was drawn since.
  document.addEventListener("submit", (event) => {
    const action = event.target.closest("#toasts") && new URL(event.target.action), form = byId("drag");
    if (!action || !form || action.searchParams.get("version") !== form.elements.version.value) return;
    event.preventDefault();
    submit({ do: "undo" });
  });

  // The drawer of a narrow window closes before what it lies on is exchanged.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.closest?.("#add")) window.bootstrap?.Offcanvas.getInstance(byId("add"))?.hide();
  });

  // Links drawn as SVG are no links to htmx: the dot at their beginning is.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".canvas-links [data-at]");
    const dot = link && document.querySelector(`.step-exit[data-at="${CSS.escape(link.dataset.at)}"]`);
    if (!dot || event.defaultPrevented) return;
    event.preventDefault();
    dot.click();
  });

  // What was typed beside the canvas and not saved: whatever would take it away asks first.
  const written = (form) => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken"));
  const typed = () => document.querySelector("form[data-typed]");
  let first = null;
  const remember = () => { first = typed() && (typed().dataset.typed === "again" ? "" : written(typed())); };
  const isTyped = () => Boolean(typed()) && first !== null && written(typed()) !== first;
  document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "workflow") remember(); });
  document.addEventListener("htmx:confirm", (event) => {
    const from = event.detail.elt, words = byId("workflow")?.dataset;
    if (!words || !isTyped() || from === typed() || from.id === "live" || typed().contains(from) || !from.closest("#workflow")) return;
    event.preventDefault();
    const go = () => { first = null; event.detail.issueRequest(true); };
    document.dispatchEvent(new CustomEvent("console:ask", { detail: { question: words.askTyped, text: words.askTypedText, yes: words.askTypedYes, no: words.askTypedNo, go } }));
  });
  let leaving = false;
  document.addEventListener("submit", (event) => { if (!event.defaultPrevented) leaving = true; });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => { if (!leaving && isTyped()) event.preventDefault(); });
  document.addEventListener("htmx:afterRequest", () => { leaving = false; });
  remember();
})();
