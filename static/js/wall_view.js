// Access to the part of the wall that changes.

export const live = () => document.getElementById("wall-live");

// The query of the view that the wall shows, or is about to show.
export const shownQuery = () => location.search;

export function setShownQuery(query) {
  history.replaceState(null, "", location.pathname + query);
}

export const withoutQuery = (address) => address.split("?")[0];

// Puts an answer of the server in the place of the wall, so that only what differs changes.
export const showView = (query) =>
  window.htmx.ajax("GET", location.pathname + query, {
    source: "#wall",
    target: "#wall-live",
    swap: "morph:outerHTML",
  });
