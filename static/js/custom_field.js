// A new custom field: its key follows the label until somebody writes one. The server makes the same (contacts.services.custom_fields.key_for).
(() => {
  "use strict";
  const longest = 36;
  const keyFor = (label) => {
    const folded = label.toLowerCase().replaceAll("œ", "oe").replaceAll("ß", "ss").replaceAll("’", "'").normalize("NFKD").replace(/[^\x00-\x7f]/g, "");
    const plain = folded.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
    return (/^[a-z]/.test(plain) ? plain : plain && `field_${plain}`).slice(0, longest).replace(/_+$/, "");
  };
  document.addEventListener("DOMContentLoaded", () => {
    const label = document.getElementById("id_label");
    const key = document.getElementById("id_key");
    if (!label || !key) return;
    let follows = key.value === "" || key.value === keyFor(label.value);
    label.addEventListener("input", () => { if (follows) key.value = keyFor(label.value); });
    key.addEventListener("input", () => { follows = key.value === ""; });
  });
})();
