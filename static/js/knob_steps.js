// Look-ahead for the knobs: the wheel at every step of the knob that is touched, from the server.
// The answers are kept until the text or another knob has changed.

const answers = new Map(); // by knob: { key, steps, whenThere }; steps is null until they are there

const shownRev = () => document.querySelector("#spin-form [name=rev]")?.value;

// Calls `whenThere` once the steps are there.
export function fetchSteps(field, whenThere) {
  const query = queryFor(field);
  const key = `${shownRev()} ${query}`;
  const known = answers.get(field.name);
  if (known?.key !== key) request(field, query, { key, steps: null, whenThere });
  else known.whenThere = whenThere ?? known.whenThere;
}

// The steps of this knob for the wheel on show; null before they are there.
export function stepsFor(field) {
  const answer = answers.get(field.name);
  if (answer?.key !== `${shownRev()} ${queryFor(field)}`) return null;
  return String(answer.steps?.rev) === shownRev() ? answer.steps : null;
}

function queryFor(field) {
  const query = new URLSearchParams(new FormData(field.form));
  query.delete(field.name);
  query.set("knob", field.name);
  return query;
}

async function request({ name, form }, query, answer) {
  answers.set(name, answer);
  try {
    const response = await fetch(`${form.dataset.stepsUrl}?${query}`);
    if (!response.ok) throw new Error(response.statusText);
    answer.steps = await response.json();
    if (answers.get(name) === answer) answer.whenThere?.();
  } catch {
    answers.delete(name); // the next touch asks again
  }
}
