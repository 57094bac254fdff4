// Look-ahead for the knobs: the wheel at every step of the knob that is touched, from the server.
// The answers are kept until the text or another knob has changed. A refusal is kept as well: events
// of a slider come with every frame, and must not become as many requests.

import { isBusyStatus } from "./retries.js";

const PAUSE_S = 5; // after no answer, or a refusal that names no time

// By knob: { key, steps, whenThere, askAgainAt }. `steps` is null until they are there; `askAgainAt`
// is the time, by performance.now(), from which the same request may be sent again.
const answers = new Map();

const shownRev = () => document.querySelector("#spin-form [name=rev]")?.value;

// Calls `whenThere` once the steps are there.
export function fetchSteps(field, whenThere) {
  const query = queryFor(field);
  const key = `${shownRev()} ${query}`;
  const known = answers.get(field.name);
  if (known?.key !== key || known.askAgainAt <= performance.now())
    request(field, query, { key, steps: null, whenThere, askAgainAt: Number.POSITIVE_INFINITY });
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
    if (response.ok) answer.steps = await response.json();
    else if (isBusyStatus(response.status)) pause(answer, response.headers.get("Retry-After"));
  } catch {
    pause(answer, null);
  }
  if (answer.steps && answers.get(name) === answer) answer.whenThere?.();
}

function pause(answer, retryAfterSeconds) {
  answer.askAgainAt = performance.now() + 1000 * (Number(retryAfterSeconds) || PAUSE_S);
}
