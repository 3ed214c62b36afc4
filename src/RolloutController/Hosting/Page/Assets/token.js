// The Kubernetes token of whoever acts. It is in this module's memory alone: in no storage, cookie or address, and gone with the page.

let token = "";

/** The header that proves who acts; none where nobody has pasted a token. */
export const authorization = () => token ? { Authorization: `Bearer ${token}` } : {};

/** Whether there is a token. */
export const isKnown = () => token !== "";

/** Forgets the token. */
export function forget() {
  token = "";
}

/** Asks for a token; tells whether there is one then. */
export function ask() {
  const dialog = document.getElementById("token");
  const input = document.getElementById("token-text");
  document.getElementById("token-no").onclick = () => dialog.close("no");
  dialog.returnValue = "no";
  dialog.showModal();
  input.focus();
  return new Promise(resolve => dialog.addEventListener("close", () => {
    if (dialog.returnValue === "yes") token = input.value.trim();
    input.value = "";
    resolve(token !== "");
  }, { once: true }));
}
