// A click on the grey opens it. The list has a link for the same, which works without this.

import { isBusy, stage } from "./stage.js";

document.addEventListener("click", ({ target }) => {
  const query = target.closest("[data-opens]")?.dataset.opens;
  if (!query || isBusy()) return;
  const source = stage();
  window.htmx.ajax("GET", `${source.dataset.url}?${query}`, { source, target: "#stage", swap: "outerHTML" });
});
