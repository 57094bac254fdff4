// Whether this browser has shown the guided start. A browser that stores nothing counts as one that
// has, so that the card does not come back with every page.

const KEY = "tokenwheel-guide";

let isSeenHere = false; // on this page, where a browser stores nothing

export function isSeen() {
  if (isSeenHere) return true;
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
}

export function markSeen() {
  isSeenHere = true;
  try {
    localStorage.setItem(KEY, "seen");
  } catch {
    // see above
  }
}
