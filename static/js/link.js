// Copies the link to the wheel. On a page without clipboard access, such as over plain HTTP, it
// copies through a text selection.

import { announce } from "./announce.js";
import { stage } from "./stage.js";

const DONE_MS = 2000;

export function showCopyButton() {
  const button = document.querySelector("[data-copy-link]");
  if (button) button.hidden = false;
}

export async function copyLink({ target }) {
  const button = target.closest("[data-copy-link]");
  if (!button) return;
  const link = new URL(stage().dataset.url, location.href).href;
  if (navigator.clipboard) await navigator.clipboard.writeText(link);
  else copyBySelection(link, button);
  const label = button.textContent;
  button.textContent = button.dataset.done;
  announce(button.dataset.done);
  setTimeout(() => {
    button.textContent = label;
  }, DONE_MS);
}

function copyBySelection(text, button) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  button.after(field);
  field.select();
  document.execCommand("copy");
  field.remove();
  button.focus();
}
