// Announces changes of the class to screen readers, with sentences of the server. While many join, the
// number is said at most every ten seconds.

import { announce } from "./announce.js";
import { live } from "./wall_view.js";

const CALM_MS = 10_000;

const said = { ...live().dataset };
let joinedAt = 0;
let timer = null;

export function announceChanges() {
  const { saidState, saidSpin, saidGuesses } = live().dataset;
  for (const [name, text] of Object.entries({ saidState, saidSpin, saidGuesses })) {
    if (text && text !== said[name]) announce(text);
    said[name] = text;
  }
  clearTimeout(timer);
  timer = setTimeout(announceJoined, Math.max(0, joinedAt + CALM_MS - Date.now()));
}

function announceJoined() {
  const { saidJoined } = live().dataset;
  if (saidJoined === said.saidJoined) return;
  said.saidJoined = saidJoined;
  joinedAt = Date.now();
  announce(saidJoined);
}
