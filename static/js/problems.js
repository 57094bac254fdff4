// Shows errors beside the unchanged wheel. An answer with an error status is inserted only if it
// names its target on the page; otherwise, and without an answer, a fixed sentence is shown.
// Requests that a busy server refused are repeated.

import { pressedValue, sendAgain } from "./resend.js";
import { Retries } from "./retries.js";
import { showFailure, stage, words } from "./stage.js";

// A search is repeated beside the wheel, and does not end the wheel's retries.
const retries = { wheel: new Retries(), others: new Retries() };
let isLastRetried = false;

const retriesOf = ({ target }) => (target.id === "wheel-area" ? retries.wheel : retries.others);

// Whether the request that has just been answered is sent again by itself.
export const isRetried = () => isLastRetried;

export function placeError({ detail }) {
  const { xhr } = detail;
  if (xhr.status < 400) return;
  if (xhr.getResponseHeader("HX-Retarget")) detail.shouldSwap = true;
  else showFailure(xhr.status);
}

export function showNoConnection() {
  showFailure();
}

export function cancelRetry({ detail }) {
  retriesOf(detail.requestConfig).cancel();
}

export function retryIfBusy({ detail }) {
  const { xhr, requestConfig } = detail;
  const { elt } = requestConfig;
  const pressed = sentValue(requestConfig);
  isLastRetried = retriesOf(requestConfig).schedule(
    xhr.status,
    xhr.getResponseHeader("Retry-After"),
    () => sendAgain(elt, pressed),
  );
  if (isLastRetried) document.querySelector("#problem .problem")?.append(" ", words("retry"));
}

// The pressed button may have another value by now.
function sentValue({ triggeringEvent, formData }) {
  const pressed = pressedValue(triggeringEvent?.submitter);
  return pressed && { ...pressed, value: formData.get(pressed.name) };
}

// Fills the form that restarts after a session has ended, with the prompt from the page.
export function fillRestart() {
  const form = document.querySelector("[data-restart]");
  if (!form || form.elements.prompt.value) return;
  form.elements.prompt.value = document.getElementById("id_prompt").defaultValue;
  form.elements.model.value = stage().dataset.modelId;
}
