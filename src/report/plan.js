"use strict";
const form = document.getElementById("filters");
if (form) {
  const changes = [...document.querySelectorAll("details.change")];
  const chosen = (name) => new Set([...form.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value));
  const filter = () => {
    const actions = chosen("action"), kinds = chosen("kind"), part = form.elements.address.value.toLowerCase();
    let shown = 0;
    for (const change of changes) {
      const address = change.querySelector("code").textContent.toLowerCase();
      change.hidden = !(actions.has(change.dataset.action) && kinds.has(change.dataset.kind) && address.includes(part));
      shown += change.hidden ? 0 : 1;
    }
    document.getElementById("shown").textContent = `${shown} of ${changes.length} shown`;
  };
  const fold = (open) => () => changes.forEach((change) => { if (!change.hidden) change.open = open; });
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("unfold").addEventListener("click", fold(true));
  document.getElementById("fold").addEventListener("click", fold(false));
  // Paper has nothing to unfold.
  window.addEventListener("beforeprint", fold(true));
  form.hidden = false;
  filter();
}
