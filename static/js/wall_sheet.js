// The sheet of further controls closes when its work is done, at Escape and at a click beside it.

const sheet = () => document.getElementById("more");

export function closeSheet({ detail }) {
  const { elt } = detail.requestConfig;
  if (!detail.successful || !sheet()?.contains(elt)) return;
  close();
}

export function closeSheetOutside({ target }) {
  if (sheet()?.open && target.isConnected && !sheet().contains(target)) close();
}

export function closeSheetAtEscape({ key }) {
  if (key !== "Escape" || !sheet()?.open) return;
  close();
  sheet().querySelector("summary").focus();
}

function close() {
  for (const details of sheet().querySelectorAll("details[open]")) details.open = false;
  sheet().open = false;
}
