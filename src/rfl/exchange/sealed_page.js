"use strict";
// Opens the sealed part of this page, in memory alone: nothing is stored, nothing is fetched.
const at = (id) => document.getElementById(id);
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));

// Digits of other scripts count as what they mean; everything else that was typed is for the eye.
function digits(typed) {
  return typed
    .replace(/[\u0660-\u0669]/g, (one) => String(one.charCodeAt(0) - 0x660))
    .replace(/[\u06f0-\u06f9]/g, (one) => String(one.charCodeAt(0) - 0x6f0))
    .replace(/[^0-9]/g, "");
}

async function opened(sealed, typed) {
  const utf8 = new TextEncoder();
  const secret = await crypto.subtle.importKey("raw", utf8.encode(digits(typed)), "PBKDF2", false, ["deriveKey"]);
  const kdf = { name: "PBKDF2", hash: "SHA-256", salt: bytes(sealed.salt), iterations: sealed.iterations };
  const key = await crypto.subtle.deriveKey(kdf, secret, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  const bound = utf8.encode(sealed.format + "\0" + sealed.reference);
  const how = { name: "AES-GCM", iv: bytes(sealed.nonce), additionalData: bound };
  const framed = new Uint8Array(await crypto.subtle.decrypt(how, key, bytes(sealed.ciphertext)));
  const length = new DataView(framed.buffer).getUint32(0);
  return JSON.parse(new TextDecoder().decode(framed.subarray(4, 4 + length)));
}

if (typeof document !== "undefined") {
  at("open").onclick = async () => {
    at("wrong").hidden = true;
    try {
      const found = await opened(JSON.parse(at("sealed").textContent), at("passphrase").value);
      at("page").innerHTML = found.page;
      const said = JSON.parse(new TextDecoder().decode(bytes(found.signed.p)));
      at("data").textContent = JSON.stringify({ said, signed: found.signed }, null, 1);
      at("lock").hidden = true;
      at("tools").hidden = false;
    } catch {
      at("wrong").hidden = false;
    }
    at("passphrase").value = "";
  };
  at("print").onclick = () => window.print();
  at("show").onclick = () => { at("data").hidden = !at("data").hidden; };
}
