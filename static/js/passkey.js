// Passkeys: a form with data-passkey ("create" or "get") asks the browser with the options in data-options, puts the answer
// into its field `passkey` and is sent. Without JavaScript the button stays hidden and the page's other ways remain.

const toBytes = (text) => {
  const padded = text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "=");
  return Uint8Array.from(atob(padded), (letter) => letter.charCodeAt(0));
};

const toText = (buffer) => {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

const descriptors = (list = []) => list.map((entry) => ({ ...entry, id: toBytes(entry.id) }));

function creation(options) {
  return {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: descriptors(options.excludeCredentials),
  };
}

function request(options) {
  return { ...options, challenge: toBytes(options.challenge), allowCredentials: descriptors(options.allowCredentials) };
}

function created(credential) {
  const { response } = credential;
  return {
    clientDataJSON: toText(response.clientDataJSON),
    attestationObject: toText(response.attestationObject),
    transports: response.getTransports ? response.getTransports() : [],
  };
}

function proved(credential) {
  const { response } = credential;
  return {
    clientDataJSON: toText(response.clientDataJSON),
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    userHandle: response.userHandle ? toText(response.userHandle) : null,
  };
}

async function ask(form) {
  const options = JSON.parse(form.dataset.options);
  const isNew = form.dataset.passkey === "create";
  const credential = isNew
    ? await navigator.credentials.create({ publicKey: creation(options) })
    : await navigator.credentials.get({ publicKey: request(options) });
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: isNew ? created(credential) : proved(credential),
  });
}

function bind(form) {
  const button = form.querySelector("[data-passkey-start]");
  const status = form.querySelector("[data-passkey-status]");
  if (!window.PublicKeyCredential) {
    status.textContent = form.dataset.unsupported;
    return;
  }
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!form.reportValidity()) return;
    status.textContent = form.dataset.waiting;
    button.disabled = true;
    try {
      form.elements.passkey.value = await ask(form);
      form.submit();
    } catch {
      status.textContent = form.dataset.failed;
      button.disabled = false;
      button.focus();
    }
  });
}

document.querySelectorAll("form[data-passkey]").forEach(bind);
