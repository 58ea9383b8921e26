// The bar above GraphiQL: the API token, kept in this browser tab until it is closed or the token forgotten.

export const NEEDED = "A token is needed to read the schema and to run anything.";
const KEY = "mes-orders:token";
const [form, field, forget, state] = ["token-form", "token", "forget", "token-state"].map((id) =>
  document.getElementById(id),
);
const listeners = [];

form.addEventListener("submit", (event) => {
  event.preventDefault();
  use(field.value.trim());
});
forget.addEventListener("click", () => {
  sessionStorage.removeItem(KEY);
  changed();
  field.focus();
});
describe();

export function token() {
  return sessionStorage.getItem(KEY);
}

export function onToken(listener) {
  listeners.push(listener);
}

/** Tells why the server let nobody in, and asks for a token again. */
export function refused(message) {
  form.hidden = false;
  say(message, "bad");
}

function use(text) {
  if (!/^mo_[!-~]+_[!-~]+$/.test(text)) return say("A token looks like mo_<id>_<secret>.", "bad");
  sessionStorage.setItem(KEY, text);
  changed();
  document.getElementById("graphiql").focus();
}

function changed() {
  describe();
  listeners.forEach((listener) => listener());
}

// The secret is never shown again: the field empties, the id alone tells which token it is.
function describe() {
  const id = token()?.split("_")[1];
  field.value = "";
  form.hidden = Boolean(id);
  forget.hidden = !id;
  say(id ? `Token ${id} is in use.` : NEEDED, id ? "good" : "");
}

function say(message, mood) {
  state.textContent = message;
  state.dataset.mood = mood;
  field.setAttribute("aria-invalid", mood === "bad");
}
