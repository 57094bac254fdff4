// The address follows an experiment that was changed in place, so that a reload shows it again.

export function followExperiment({ detail }) {
  const { pathInfo, target } = detail;
  if (target.id === "experiment") history.replaceState(null, "", pathInfo.finalRequestPath);
}
