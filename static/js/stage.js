// Access to the stage, and to the parts of it that every change replaces.

const FORBIDDEN = 403; // without the cookie that protects forms

export const stage = () => document.getElementById("stage");

export const isBusy = () => stage().hasAttribute("data-busy");

// The knobs wait: a move during a spin would be lost with the wheel that it is about.
export function setBusy(isBusyNow) {
  stage().toggleAttribute("data-busy", isBusyNow);
  document.getElementById("knobs-form")?.toggleAttribute("inert", isBusyNow);
}

// Whether a request changes the session; other requests only read it.
export const isChange = ({ elt }) => elt.hasAttribute("data-change");

// Puts an answer of the server into the page: the wheel, and out of band the other parts.
export const swapParts = (html) =>
  window.htmx.swap("#wheel-area", html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });

export const showProblem = (...nodes) =>
  document.getElementById("problem").replaceChildren(...nodes);

// In the words for an answer that does not say itself what is wrong; without a status: no answer.
export const showFailure = (status) =>
  showProblem(words(status === FORBIDDEN ? "refused" : "connection"));

export const words = (name) => document.getElementById(`words-${name}`).content.cloneNode(true);
