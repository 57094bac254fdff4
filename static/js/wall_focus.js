// Keeps the keyboard focus when an action has removed the control that was used: on the control that
// has taken its place.

const SUCCESSORS = [
  [/^hide-(\d+)$/, "show-$1"],
  [/^show-(\d+)$/, "hide-$1"],
  [/^finish-spin$/, "spin-everyone"],
  [/^release$/, "hold"],
];

let focused = null;

export function recordFocus({ target }) {
  focused = target;
}

export function restoreFocus() {
  if (!focused || focused.isConnected || document.activeElement !== document.body) return;
  const { id } = focused;
  const [pattern, successor] = SUCCESSORS.find(([pattern]) => pattern.test(id)) ?? [];
  const element = document.getElementById(pattern ? id.replace(pattern, successor) : id);
  (element ?? document.getElementById("controls")).focus({ preventScroll: true });
}
