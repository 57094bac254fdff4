// Fetches the stage after a spin, with the knobs of this page.

import { Retries } from "./retries.js";
import { stage } from "./stage.js";

export async function fetchStage() {
  const { url } = stage().dataset;
  const knobs = new URLSearchParams(new FormData(document.getElementById("spin-form")));
  for (const name of ["csrfmiddlewaretoken", "rev", "is_opened"]) knobs.delete(name);
  const retries = new Retries();
  for (;;) {
    const response = await fetch(`${url}?${knobs}`, { headers: { "HX-Request": "true" } });
    if (response.ok) return response.text();
    const isWorthRetrying = await retries.wait(
      response.status,
      response.headers.get("Retry-After"),
    );
    if (!isWorthRetrying) throw new Error(response.statusText);
  }
}
