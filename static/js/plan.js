// A plan that is not made yet is asked for at once.
(() => {
  "use strict";
  document.querySelector("form[data-post-at-once]")?.requestSubmit(document.querySelector("form[data-post-at-once] button"));
})();
