// Fetches the stage as it is after a spin. A server that is busy is asked again for a while.

import { stage } from "./stage.js";

const MAX_TRIES = 8;

export async function fetchStage() {
  const { url } = stage().dataset;
  const knobs = new URLSearchParams(new FormData(document.getElementById("spin-form")));
  for (const name of ["csrfmiddlewaretoken", "rev", "is_opened"]) knobs.delete(name);
  for (let numTries = 1; ; numTries++) {
    const response = await fetch(`${url}?${knobs}`, { headers: { "HX-Request": "true" } });
    if (response.ok) return response.text();
    if (![429, 503].includes(response.status) || numTries === MAX_TRIES) throw new Error(response.statusText);
    await pause(Number(response.headers.get("Retry-After")) * 1000);
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
