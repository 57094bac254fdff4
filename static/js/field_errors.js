// Marks the fields that the server has refused, and the sliders of the knobs, until an answer without
// their error.

export function markRefusedKnobs() {
  for (const slider of document.querySelectorAll(".knob-slider")) {
    const fieldId = slider.id.replace(/-slider$/, "");
    const isRefused = document.getElementById(`${fieldId}-error`).textContent.trim() !== "";
    for (const control of [slider, document.getElementById(fieldId)]) {
      if (isRefused) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }
}

export function unmarkPrompt() {
  const isRefused = document.getElementById("prompt-errors").childElementCount > 0;
  if (!isRefused) document.getElementById("id_prompt").removeAttribute("aria-invalid");
}
