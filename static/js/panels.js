// Restores the open or closed state of panels when the server's answer replaces them.

const isOpenById = new Map();

// A panel that was open from the start, such as the knobs of a link, is closed in later answers.
export function recordOpenPanels() {
  for (const { id } of document.querySelectorAll(".panel[open]")) isOpenById.set(id, true);
}

export function recordPanelState(event) {
  const { target } = event;
  const panel = target.closest("summary")?.parentElement;
  if (panel?.matches(".panel, .receipt")) isOpenById.set(panel.id, !panel.open);
  const wanted = target.closest("[data-opens-panel]")?.dataset.opensPanel;
  if (!wanted) return;
  event.preventDefault(); // following the link would take the focus from the panel again
  openPanel(document.getElementById(wanted));
}

function openPanel(panel) {
  panel.open = true;
  isOpenById.set(panel.id, true);
  panel.querySelector("textarea, input:not([type=hidden])")?.focus();
}

export function restorePanels() {
  for (const [id, isOpen] of isOpenById) {
    const panel = document.getElementById(id);
    if (panel) panel.open = isOpen;
  }
}
