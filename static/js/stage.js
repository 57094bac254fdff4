// Access to the stage: the part of the page that every change replaces.

export const stage = () => document.getElementById("stage");

export const isBusy = () => stage().hasAttribute("data-busy");

export const setBusy = (isBusyNow) => stage().toggleAttribute("data-busy", isBusyNow);

// Whether a request changes the session; other requests only read it.
export const isChange = ({ elt }) => elt.hasAttribute("data-change");

export const swapStage = (html) =>
  window.htmx.swap("#stage", html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });

export const showProblem = (...nodes) =>
  document.getElementById("problem").replaceChildren(...nodes);

export const words = (name) => document.getElementById(`words-${name}`).content.cloneNode(true);
