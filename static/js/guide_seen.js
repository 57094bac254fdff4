// Whether this browser has shown the guided start. A browser that stores nothing counts as one that
// has, so that the card does not come back with every page.

const KEY = "tokenwheel-guide";

export function isSeen() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return true;
  }
}

export function markSeen() {
  try {
    localStorage.setItem(KEY, "seen");
  } catch {
    // see above
  }
}
