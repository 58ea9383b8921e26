// The bar above GraphiQL: the token, kept in this browser tab until it is closed or the token forgotten.

export const NEEDED = "A token is needed to read the schema and to run anything.";
const KEY = "mes-orders:token";
const OURS = /^mo_([!-~]+?)_[!-~]+$/;
const ISSUED = /^[\w-]+\.[\w-]+\.[\w-]+$/;
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
  if (!OURS.test(text) && !ISSUED.test(text)) return say("A token looks like mo_<id>_<secret>, or is a JWT.", "bad");
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
  const text = token();
  const name = ISSUED.test(text ?? "") ? "The JWT" : `Token ${OURS.exec(text ?? "")?.[1]}`;
  field.value = "";
  form.hidden = Boolean(text);
  forget.hidden = !text;
  say(text ? `${name} is in use.` : NEEDED, text ? "good" : "");
}

function say(message, mood) {
  state.textContent = message;
  state.dataset.mood = mood;
  field.setAttribute("aria-invalid", mood === "bad");
}
