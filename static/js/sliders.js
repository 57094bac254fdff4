// Adds a slider beside the number field of each knob. The form sends the number field.

export function addSliders() {
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
  copyValue(slider, number);
  copyValue(number, slider);
  number.after(slider);
}

function copyValue(from, to) {
  from.addEventListener("input", () => {
    to.value = from.value;
  });
}
