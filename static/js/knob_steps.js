// Look-ahead for the knobs: the wheel at every step of the knob that is touched, from the server.
// The answers are kept until the text or another knob has changed.

const answers = new Map(); // by knob: { key, steps }; steps is null until they are there

const shownRev = () => document.querySelector("#spin-form [name=rev]")?.value;

export function fetchSteps(field, whenThere) {
  const query = queryFor(field);
  const key = `${shownRev()} ${query}`;
  if (answers.get(field.name)?.key === key) return;
  const answer = { key, steps: null };
  answers.set(field.name, answer);
  request(`${field.form.dataset.stepsUrl}?${query}`)
    .then((found) => {
      answer.steps = found;
      if (answers.get(field.name) === answer && String(found.rev) === shownRev()) whenThere();
    })
    .catch(() => answers.delete(field.name));
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

async function request(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(response.statusText);
  return response.json();
}
