// Opens a grey segment at a click. The list has a link for the same, which works without this.

import { isBusy, stage } from "./stage.js";

export function openGrey({ target }) {
  const query = target.closest("[data-opens]")?.dataset.opens;
  if (!query || isBusy()) return;
  const source = stage();
  window.htmx.ajax("GET", `${source.dataset.url}?${query}`, {
    source,
    target: "#stage",
    swap: "outerHTML",
  });
}
