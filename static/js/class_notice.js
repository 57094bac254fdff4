// The state of the class on the page: while it is paused or over, a notice says so, and every button
// that would be refused is disabled. A stage from the server comes with the state that it had then.

import { announce } from "./announce.js";
import { restoreFocus } from "./focus.js";
import { isChange } from "./stage.js";

const notice = () => document.getElementById("class-notice");

const isPaused = () => (notice()?.dataset.state ?? "open") !== "open";

export function showClassState(state) {
  if (state === notice().dataset.state) return;
  notice().dataset.state = state;
  for (const element of document.querySelectorAll("[data-frozen]"))
    element.textContent = element.dataset[state] ?? "";
  if (isPaused()) pauseButtons();
  else resumeButtons();
  announce(notice().textContent || notice().dataset.resumed);
}

// A token of the text is no disabled button, since its numbers can still be looked at.
export function preventWhilePaused(event) {
  if (!isChange(event.detail) || !isPaused()) return;
  event.preventDefault();
  announce(notice().textContent);
}

function pauseButtons() {
  for (const button of document.querySelectorAll("button:not(.chip, :disabled)")) {
    if (!button.form?.hasAttribute("data-change")) continue;
    button.disabled = true;
    button.dataset.paused = "";
  }
}

function resumeButtons() {
  for (const button of document.querySelectorAll("[data-paused]")) {
    button.disabled = false;
    delete button.dataset.paused;
  }
  restoreFocus();
}
