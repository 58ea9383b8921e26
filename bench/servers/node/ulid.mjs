// Ids as the database asks for: ULIDs with dashes after 10 and 18 characters.
import { randomFillSync } from "node:crypto";

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const bytes = new Uint8Array(16);

/** An id that was never given before. */
export function newUlid() {
  let time = Date.now();
  let text = "";
  for (let place = 0; place < 10; place += 1) {
    text = LETTERS[time % 32] + text;
    time = Math.floor(time / 32);
  }
  randomFillSync(bytes);
  bytes.forEach((byte, place) => {
    text += (place % 8 ? "" : "-") + LETTERS[byte % 32];
  });
  return text;
}
