// Adds a slider to the field of each knob. The slider is the tab stop; a digit typed on it goes to
// the field, for values between and beyond its steps. The form sends the field.

import { knobField, numberIn } from "./knob_numbers.js";

export function addSliders() {
  for (const field of document.querySelectorAll("[data-slider-min]")) {
    if (!document.getElementById(`${field.id}-slider`)) addSlider(field);
  }
}

function addSlider(field) {
  const { sliderMin: min, sliderMax: max, sliderStep: step } = field.dataset;
  const slider = Object.assign(document.createElement("input"), { type: "range", min, max, step });
  slider.id = `${field.id}-slider`;
  slider.className = "knob-slider";
  slider.setAttribute("aria-labelledby", `${field.id}-label`);
  slider.setAttribute("aria-describedby", field.getAttribute("aria-describedby"));
  slider.autocomplete = "off";
  field.before(slider);
  field.tabIndex = -1;
  field.form.toggleAttribute("data-live", true);
  followField(field);
}

export function followEachOther({ target }) {
  const field = knobField(target);
  if (target.matches(".knob-slider")) field.value = target.value;
  if (field) followField(field);
}

// A field may hold a value beyond the ends of its slider, which therefore says it in words.
function followField(field) {
  const slider = document.getElementById(`${field.id}-slider`);
  const number = numberIn(field);
  if (!Number.isNaN(number)) slider.value = number;
  slider.setAttribute("aria-valuetext", field.value);
}

export function typeOnSlider({ target, key, ctrlKey, altKey, metaKey }) {
  if (!target.matches?.(".knob-slider") || ctrlKey || altKey || metaKey) return;
  if (/^[\d.,]$/.test(key)) knobField(target).select();
}

// Arrow keys in a field move the knob by a step of its slider.
export function stepInField(event) {
  const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  const field = event.target;
  if (!direction || !field.matches?.("[data-slider-min]")) return;
  event.preventDefault();
  const number = numberIn(field) + direction * Number(field.dataset.sliderStep);
  if (!(number >= Number(field.dataset.sliderMin))) return;
  field.value = String(Number(number.toFixed(3)));
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
