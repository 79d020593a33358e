// Live figures: people who listen hear every tenth, not every refresh.
(() => {
  "use strict";
  const line = document.getElementById("say");
  let last = document.getElementById("progress")?.dataset.tenth;
  document.body.addEventListener("htmx:afterSettle", () => {
    const progress = document.getElementById("progress");
    if (!line || !progress || progress.dataset.tenth === last) return;
    last = progress.dataset.tenth;
    line.textContent = progress.dataset.say;
  });
})();
