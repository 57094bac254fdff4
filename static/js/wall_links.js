// Links that change what the wall shows: the answer is merged into the page, which stays where it is.
// The address is changed at once, so that a reload shows the same.

import { setShownQuery, showView } from "./wall_view.js";

export function followLink(event) {
  const link = event.target.closest("#wall-live a");
  const href = link?.getAttribute("href");
  if (!href?.startsWith("?") || isForOtherTab(event)) return;
  event.preventDefault();
  const [query, id] = href.split("#");
  setShownQuery(query);
  showView(query).then(() => id && goTo(document.getElementById(id)));
}

const isForOtherTab = ({ ctrlKey, metaKey, shiftKey }) => ctrlKey || metaKey || shiftKey;

function goTo(element) {
  element?.scrollIntoView({ block: "nearest" });
}
