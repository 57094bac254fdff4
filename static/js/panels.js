// Panels that were opened or closed stay so when the server sends them anew.

const isOpenById = new Map();

document.addEventListener(
  "click",
  (event) => {
    const panel = event.target.closest("summary")?.parentElement;
    if (panel?.id) isOpenById.set(panel.id, !panel.open);
  },
  true,
);

for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap", "wheel:landed"]) {
  document.addEventListener(name, restorePanels);
}

function restorePanels() {
  for (const [id, isOpen] of isOpenById) {
    const panel = document.getElementById(id);
    if (panel) panel.open = isOpen;
  }
}
