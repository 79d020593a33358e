// The inbox: J and K between threads, news only while somebody looks, and one spoken line for a new text.
(() => {
  "use strict";
  const list = () => document.getElementById("threads");
  const isTyping = (target) => Boolean(target.closest?.("input, textarea, select, [contenteditable]"));

  // Single letters, unless they were turned off. Without an open thread both begin at the first.
  document.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || "noShortcuts" in document.documentElement.dataset) return;
    const links = [...list().querySelectorAll(".thread-link")], here = links.findIndex((link) => link.matches("[aria-current]"));
    const next = here < 0 ? links[0] : links[here + step];
    if (!next) return;
    event.preventDefault();
    next.click();
  });

  // A hidden tab asks nothing; shown again, it asks at once.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.detail.elt === list()) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.body.dispatchEvent(new Event("inbox-changed"));
  });

  // What somebody has just done is shown at once: an answer that was asked for before it would not know of it.
  document.body.addEventListener("inbox-changed", () => { if (list()) window.htmx?.trigger(list(), "htmx:abort"); }, true);

  let last = list()?.dataset.newest ?? "";
  document.addEventListener("htmx:afterSettle", () => {
    const { newest, say } = list()?.dataset ?? {};
    if (!newest || newest <= last) return;
    last = newest;
    document.getElementById("inbox-say").textContent = say;
  });

  // A menu closes like any other.
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll(".thread-more[open]")) if (!open.contains(event.target)) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector(".thread-more[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
})();
