// One change at a time: from the click until the new wheel is in place, nothing else is sent.

const stage = () => document.getElementById("stage");
const isBusy = () => stage().hasAttribute("data-busy");
const isChange = (config) => config.verb !== "get";

document.addEventListener("htmx:confirm", (event) => {
  if (isBusy()) event.preventDefault();
});

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (isChange(detail.requestConfig)) stage().setAttribute("data-busy", "");
});

// The wheel of an older question must not replace one that is about to turn.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (isBusy() && !isChange(detail.requestConfig)) detail.shouldSwap = false;
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (isChange(detail.requestConfig) && !detail.successful) stage().removeAttribute("data-busy");
});
