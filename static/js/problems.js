// Shows errors beside the unchanged wheel. An answer with an error status is inserted only if it
// names its target on the page; otherwise, and without an answer, a fixed sentence is shown.
// Requests that a busy server refused are repeated.

import { Retries } from "./retries.js";
import { showProblem, stage, words } from "./stage.js";

const FORBIDDEN = 403; // without the cookie that protects forms
const retries = new Retries();

export function placeError({ detail }) {
  const { xhr } = detail;
  if (xhr.status < 400) return;
  if (xhr.getResponseHeader("HX-Retarget")) detail.shouldSwap = true;
  else showProblem(words(xhr.status === FORBIDDEN ? "refused" : "connection"));
}

export function showNoConnection() {
  showProblem(words("connection"));
}

export function cancelRetry() {
  retries.cancel();
}

export function retryIfBusy({ detail }) {
  const { xhr, requestConfig } = detail;
  const { elt, triggeringEvent } = requestConfig;
  const again = () => sendAgain(elt, triggeringEvent?.submitter);
  if (!retries.schedule(xhr.status, xhr.getResponseHeader("Retry-After"), again)) return;
  document.querySelector("#problem .problem")?.append(" ", words("retry"));
}

function sendAgain(elt, submitter) {
  if (!elt.isConnected) return;
  if (elt instanceof HTMLFormElement) elt.requestSubmit(submitter);
  else elt.click();
}

// Fills the form that restarts after a session has ended, with the prompt from the page.
export function fillRestart() {
  const form = document.querySelector("[data-restart]");
  if (!form || form.elements.prompt.value) return;
  form.elements.prompt.value = document.getElementById("id_prompt").defaultValue;
  form.elements.model.value = stage().dataset.modelId;
}
