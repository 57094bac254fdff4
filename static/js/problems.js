// Errors appear beside the wheel, and the wheel stays as it is. An answer with an error status is
// let in only where it says where it belongs; for all others, and for none at all, there is a
// sentence. A busy server is asked again after the time it named.

import { showProblem, stage, words } from "./stage.js";

const MAX_RETRIES = 8;

let retry = null;
let numRetries = 0;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { xhr } = detail;
  if (xhr.status < 400) return;
  if (xhr.getResponseHeader("HX-Retarget")) detail.shouldSwap = true;
  else showProblem(words("connection"));
});

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => showProblem(words("connection")));
}

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const { xhr, requestConfig } = detail;
  if (![429, 503].includes(xhr.status)) numRetries = 0;
  else if (numRetries < MAX_RETRIES) retryLater(requestConfig, xhr.getResponseHeader("Retry-After"));
});

document.addEventListener("htmx:beforeRequest", () => clearTimeout(retry));

document.addEventListener("htmx:afterSwap", fillRestart);

function retryLater({ elt, triggeringEvent }, seconds) {
  if (!seconds) return;
  numRetries += 1;
  document.querySelector("#problem .problem")?.append(" ", words("retry"));
  clearTimeout(retry);
  retry = setTimeout(() => ask(elt, triggeringEvent?.submitter), Number(seconds) * 1000);
}

function ask(elt, submitter) {
  if (!elt.isConnected) return;
  if (elt instanceof HTMLFormElement) elt.requestSubmit(submitter);
  else elt.click();
}

// A session that is gone takes nothing along; its prompt is still on the page.
function fillRestart() {
  const form = document.querySelector("[data-restart]");
  if (!form || form.elements.prompt.value) return;
  form.elements.prompt.value = document.getElementById("id_prompt").defaultValue;
  form.elements.model.value = stage().dataset.modelId;
}
