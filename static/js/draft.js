// Keeps a prompt that is typed but not sent, when a change by the teacher replaces its field.

let draft = null;

const field = () => document.getElementById("id_prompt");

export function keepDraft() {
  const { value, defaultValue } = field();
  draft = value === defaultValue ? null : value;
}

export function restoreDraft() {
  const { value, defaultValue, readOnly } = field();
  if (draft !== null && value === defaultValue && !readOnly) field().value = draft;
  draft = null;
}
