// Panels that were opened or closed stay so when the server sends them anew.

const isOpenById = new Map();

// On a phone the knobs are a sheet over the page, which nobody has asked for yet.
const knobs = document.getElementById("knobs");
if (matchMedia("(width < 64rem)").matches && !knobs.querySelector(".field-error:not(:empty)")) {
  knobs.open = false;
}

document.addEventListener("click", onClick, true);
for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap", "wheel:landed"]) {
  document.addEventListener(name, restorePanels);
}

function onClick({ target }) {
  const panel = target.closest("summary")?.parentElement;
  if (panel?.matches(".panel, .receipt")) isOpenById.set(panel.id, !panel.open);
  const wanted = target.closest("[data-opens-panel]")?.dataset.opensPanel;
  if (wanted) openPanel(document.getElementById(wanted));
}

function openPanel(panel) {
  panel.open = true;
  isOpenById.set(panel.id, true);
  panel.querySelector("textarea, input:not([type=hidden])")?.focus();
}

function restorePanels() {
  for (const [id, isOpen] of isOpenById) {
    const panel = document.getElementById(id);
    if (panel) panel.open = isOpen;
  }
}
