// Copies the link to the wheel. Without access to the clipboard, such as over plain HTTP, it copies
// through a selected field. If that fails too, the field stays on show with the link selected.

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
  if ((await writeToClipboard(link)) || copyBySelection(link)) sayCopied(button);
  else announce(linkPlace().querySelector("label").textContent);
}

const linkPlace = () => document.querySelector("[data-link-place]");

async function writeToClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    linkPlace().hidden = true;
    return true;
  } catch {
    return false; // denied, or no clipboard on this page
  }
}

function copyBySelection(text) {
  const place = linkPlace();
  const field = place.querySelector("input");
  place.hidden = false;
  field.value = text;
  field.select();
  const isCopied = document.execCommand("copy");
  place.hidden = isCopied;
  return isCopied;
}

function sayCopied(button) {
  button.dataset.label ??= button.textContent;
  button.textContent = button.dataset.done;
  button.focus();
  announce(button.dataset.done);
  setTimeout(() => {
    button.textContent = button.dataset.label;
  }, DONE_MS);
}
