// Gives each knob a slider beside its number. The number is what is sent.

addSliders();
document.addEventListener("htmx:oobAfterSwap", addSliders);

function addSliders() {
  for (const number of document.querySelectorAll("[data-slider-min]")) {
    if (!number.parentElement.querySelector(".knob-slider")) addSlider(number);
  }
}

function addSlider(number) {
  const { sliderMin: min, sliderMax: max, sliderStep: step } = number.dataset;
  const slider = Object.assign(document.createElement("input"), { type: "range", min, max, step });
  slider.className = "knob-slider";
  slider.value = number.value;
  slider.tabIndex = -1;
  slider.setAttribute("aria-hidden", "true");
  slider.addEventListener("input", () => (number.value = slider.value));
  number.addEventListener("input", () => (slider.value = number.value));
  number.after(slider);
}
