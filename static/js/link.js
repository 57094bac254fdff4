// "Copy the link". Where the page has no right to the clipboard, as on a school's plain http
// address, the older way through a selection does it.

import { stage } from "./stage.js";

const button = document.querySelector("[data-copy-link]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", copy);
}

async function copy() {
  const link = new URL(stage().dataset.url, location.href).href;
  if (navigator.clipboard) await navigator.clipboard.writeText(link);
  else copyBySelection(link);
  const label = button.textContent;
  button.textContent = button.dataset.done;
  document.getElementById("announcer").textContent = button.dataset.done;
  setTimeout(() => (button.textContent = label), 2000);
}

function copyBySelection(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  button.after(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  button.focus();
}
