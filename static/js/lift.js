// Lifts a segment of the wheel: a copy of it above all others, so that its neighbours do not cover it.

export const isLifted = (segment) => segment.hasAttribute("data-lifted");

export const hueOf = (segment) => segment.getAttribute("class").match(/hue-\d+/)?.[0];

export function liftSegment(disc, segment) {
  const copy = disc.querySelector("[data-lift]");
  copy.setAttribute("d", segment.getAttribute("d"));
  copy.setAttribute("class", `lift lift-${segment.dataset.kind} ${hueOf(segment) ?? ""}`);
  segment.setAttribute("data-lifted", "");
}

export function lowerSegment(disc) {
  const segment = disc.querySelector("[data-lifted]");
  segment?.removeAttribute("data-lifted");
  segment?.setAttribute("aria-selected", "false");
  disc.querySelector("[data-lift]").removeAttribute("d");
}
