// The path of a segment between two places on the circle, in turns from the top.

const RADIUS = 92;

// The same path that the server draws.
export function sector(start, end) {
  if (end <= start) return "";
  const point = (turns) => {
    const angle = turns * 2 * Math.PI;
    return `${(RADIUS * Math.sin(angle)).toFixed(3)} ${(-RADIUS * Math.cos(angle)).toFixed(3)}`;
  };
  const arc = `A${RADIUS} ${RADIUS} 0 0 1 `;
  const spoke = start === 0 && end === 1 ? "" : "0 0L";
  return `M${spoke}${point(start)}${arc}${point((start + end) / 2)}${arc}${point(end)}Z`;
}
