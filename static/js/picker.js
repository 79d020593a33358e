// The picker: narrow the list of groups while typing; keep the focus where it was after a move.
(() => {
  "use strict";
  const ready = () => {
    for (const box of document.querySelectorAll("[data-needs-script][hidden]")) box.hidden = false;
  };
  document.addEventListener("input", (event) => {
    const id = event.target.dataset.narrow;
    if (!id) return;
    const wanted = event.target.value.trim().toLocaleLowerCase();
    for (const line of document.querySelectorAll(`#${id} > li`)) line.hidden = !line.textContent.toLocaleLowerCase().includes(wanted);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.dataset.narrow) event.preventDefault();
  });
  document.body.addEventListener("htmx:afterSettle", ready);
  ready();
})();
