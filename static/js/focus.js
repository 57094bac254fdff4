// Keeps the keyboard focus when a change removes or disables the focused element: on the element
// with the same id, else on a neighbour, else on Spin.

// The last element that matches takes the focus: the newest token, one level up in the trail.
const NEIGHBOURS = {
  "#undo": ["#redo"],
  "#redo": ["#undo"],
  ".chip": ["[data-chips] .chip"],
  ".trail a, .tokens a": [".trail a", "#open-other"],
};

let focused = null;

export function recordFocus({ target }) {
  focused = target;
}

// A click beside the focused element takes the focus away on purpose.
export function forgetFocus({ target }) {
  if (!focused?.contains(target)) focused = null;
}

export function restoreFocus() {
  if (!focused || hasFocus(focused)) return;
  const sameId = focused.id ? [`#${CSS.escape(focused.id)}`] : [];
  for (const selector of [...sameId, ...neighbours(focused), fallback()]) {
    const element = [...document.querySelectorAll(selector)].at(-1);
    element?.focus();
    if (element && hasFocus(element)) return;
  }
}

// A disabled button keeps the focus in some browsers, but ignores every key.
function hasFocus(element) {
  return document.activeElement === element && !element.disabled;
}

// Without a wheel, the prompt. A wheel that the class has paused gets the focus back when it goes on.
const fallback = () => (document.getElementById("spin") ? "#spin" : "#id_prompt");

function neighbours(element) {
  const kinds = Object.keys(NEIGHBOURS).filter((selector) => element.matches(selector));
  return kinds.flatMap((selector) => NEIGHBOURS[selector]);
}
