// What an answer must not change when it is merged into the wall: what the teacher is typing, ticks,
// opened details, a request under way. New elements get the class that lets them enter.

const ENTERING = "enters";

let answered = null; // the element whose request is answered

export function noteAnswer({ detail }) {
  answered = detail.requestConfig.elt;
}

// A form that was sent with success shows what the server has.
export function resetSentForm({ detail }) {
  const { elt } = detail.requestConfig;
  if (detail.xhr.status < 400 && elt instanceof HTMLFormElement) elt.reset();
}

export function keepWhatIsTyped() {
  const { callbacks } = window.Idiomorph.defaults;
  callbacks.beforeNodeMorphed = (old) =>
    !(old instanceof Element && (isTouched(old) || isUnderWay(old) || isTold(old)));
  callbacks.beforeAttributeUpdated = (name, element) =>
    !(name === "open" && element instanceof HTMLDetailsElement);
}

// Whether a field has another value than it came with.
function isTouched(element) {
  if (element instanceof HTMLTextAreaElement) return element.value !== element.defaultValue;
  if (!(element instanceof HTMLInputElement) || element.type === "hidden") return false;
  return element.value !== element.defaultValue || element.checked !== element.defaultChecked;
}

// Whether the form waits for its own answer.
const isUnderWay = (element) => element.matches("form.htmx-request") && element !== answered;

// A problem stays until the teacher has done something else.
const isTold = (element) => element.id === "problem" && answered?.id === "wall-poll";

export function noteEntrances() {
  window.Idiomorph.defaults.callbacks.afterNodeAdded = (node) => {
    if (!(node instanceof Element)) return;
    if (node.matches("[data-entrance]")) node.classList.add(ENTERING);
    for (const element of node.querySelectorAll("[data-entrance]")) {
      element.classList.add(ENTERING);
    }
  };
}
