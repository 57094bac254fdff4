// Follows the class of a member: asks for its state every few seconds, as long as the page is in
// view. The browser sends the tag of the answer that it has, so most answers are empty. If the server
// does not answer, the page asks less and less often.

import { followChanges } from "./class_changes.js";
import { showClassState } from "./class_notice.js";

const POLL_MS = 2500;
const MAX_PAUSE_MS = 60000;
const MAX_DOUBLINGS = 5;
const TIMEOUT_MS = 10000;
const JITTER = 0.2; // so that the pages of a class do not ask all at once
const GONE = 404;

let timer = null;
let isAsking = false;
let numFailures = 0;

const url = () => document.getElementById("class-card")?.dataset.url;

export function followClass() {
  if (url() && !document.hidden) askLater();
}

// Back from another tab, or from a screen that was off.
export function followWhenVisible() {
  clearTimeout(timer);
  if (url() && !document.hidden) ask();
}

async function ask() {
  if (isAsking) return;
  isAsking = true;
  const { status, retryAfterMs } = await request();
  isAsking = false;
  if (status !== GONE) askLater(retryAfterMs);
}

function askLater(atLeastMs = 0) {
  clearTimeout(timer);
  const pauseMs =
    POLL_MS * 2 ** Math.min(numFailures, MAX_DOUBLINGS) * (1 - JITTER * Math.random());
  timer = setTimeout(followWhenVisible, Math.min(Math.max(pauseMs, atLeastMs), MAX_PAUSE_MS));
}

async function request() {
  try {
    const response = await fetch(url(), {
      cache: "no-cache",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    numFailures = response.ok ? 0 : numFailures + 1;
    if (response.ok) await apply(await response.json());
    return { status: response.status, retryAfterMs: 1000 * response.headers.get("Retry-After") };
  } catch {
    numFailures += 1; // no connection
    return {};
  }
}

async function apply(status) {
  showClassState(status.state);
  await followChanges(status);
}
